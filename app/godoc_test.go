package app_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// documentation reads the package's as go doc does.
func documentation(t *testing.T) *doc.Package {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	fileSet := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fileSet, name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(fileSet, files, "github.com/chitor-go/chitor/app")
	require.NoError(t, err)
	return pkg
}

// TestGoDocListsWhatAnApplicationCanDo: also what it has from its scope, whose
// type is not exported.
func TestGoDocListsWhatAnApplicationCanDo(t *testing.T) {
	t.Parallel()
	var listed []string
	for _, one := range documentation(t).Types {
		if one.Name == "Application" {
			for _, method := range one.Methods {
				listed = append(listed, method.Name)
				assert.NotEmpty(t, method.Doc, method.Name)
			}
		}
	}
	assert.Subset(t, listed, []string{"Install", "Use", "Intercept", "InterceptSend", "InterceptReceive", "OnStart", "Start"})
}

// TestTheProgramOfThePackageCommentIsCompiled: its lines stand, in order, in
// the file of the package example.
func TestTheProgramOfThePackageCommentIsCompiled(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("example_module_test.go")
	require.NoError(t, err)
	rest, lines := string(example), 0
	for line := range strings.Lines(documentation(t).Doc) {
		code, indented := strings.CutPrefix(line, "\t")
		if !indented {
			continue
		}
		_, after, found := strings.Cut(rest, "\n"+code)
		require.True(t, found, "not compiled: %s", code)
		rest, lines = "\n"+after, lines+1
	}
	assert.Greater(t, lines, 15)
}

// TestAnApplicationHasNoExportedFields: nobody can take its scope away.
func TestAnApplicationHasNoExportedFields(t *testing.T) {
	t.Parallel()
	for _, field := range reflect.VisibleFields(reflect.TypeFor[app.Application]()) {
		assert.False(t, field.IsExported(), field.Name)
	}
	var _ app.Scope = app.New()
}
