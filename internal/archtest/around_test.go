package archtest_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// standAround are the files of plugins that put code around handlers on purpose,
// which keeps streams behind it on their goroutines.
var standAround = map[string]string{
	"plugins/sse/adopt.go": "the handler writes the stream, and is done when it has returned",

	"plugins/authentication/oidc/oidctest/provider.go": "an application for tests, which has no streams",
}

// TestPluginsStandAroundNoHandler: those of other modules too. What they do before
// a handler is for OnPhase, and what they do until the head leaves for
// InterceptUntilCommit.
func TestPluginsStandAroundNoHandler(t *testing.T) {
	stand := map[string]bool{}
	eachFile(t, ".go", func(path, text string) {
		if !strings.HasPrefix(path, "plugins/") || strings.HasSuffix(path, "_test.go") {
			return
		}
		lines := around(t, text)
		stand[path] = len(lines) > 0
		if _, known := standAround[path]; !known {
			assert.Empty(t, lines, "%s: Intercept or Use", path)
		}
	})
	for path := range standAround {
		assert.True(t, stand[path], "%s stands around nothing", path)
	}
}

// around returns the calls of methods in a Go file that put code around handlers,
// with their lines.
func around(t *testing.T, text string) (calls []string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", text, parser.SkipObjectResolution)
	require.NoError(t, err)
	ast.Inspect(file, func(node ast.Node) bool {
		if call, is := node.(*ast.CallExpr); is {
			method, is := call.Fun.(*ast.SelectorExpr)
			if is && slices.Contains([]string{"Intercept", "Use"}, method.Sel.Name) {
				calls = append(calls, fmt.Sprintf("%d: %s", files.Position(call.Pos()).Line, method.Sel.Name))
			}
		}
		return true
	})
	return calls
}

func TestAround(t *testing.T) {
	const file = "package p\nfunc f() {\n\tr.Use(m)\n\tb.OnPhase(p, h)\n\tb.InterceptSend(s, h)\n\tr.change(s).Intercept(p, h)\n}\n"
	assert.Equal(t, []string{"3: Use", "6: Intercept"}, around(t, file))
}
