package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	module = "github.com/chitor-go/chitor/"
	root   = "../.."
	chi    = "github.com/go-chi/chi/v5"
)

// rules says what each package may import: of this module, and of others
// outside the standard library. A package that is not listed may not exist.
// Tests may import what they like.
var rules = map[string][]string{
	"app":     {"internal/httpheader", "internal/mistakes", "internal/wire"},
	"routing": {"app", "internal/httpheader", "plugins/sse", chi},
	"config":  {"app", "internal/hocon", "go.yaml.in/yaml/v4"},
	"engine": {
		"app", "config", "internal/keystore", "internal/mistakes", "internal/watched", "internal/wire", "plugins/shutdownurl",
		"golang.org/x/crypto/acme", "golang.org/x/crypto/acme/autocert",
	},
	"apptest":             {"app", "config", "engine", "internal/memnet", "internal/wire", "github.com/stretchr/testify/require"},
	"plugins/sse":         {"app", "internal/admission", "internal/httpheader", "internal/mistakes", "internal/park", "internal/registry"},
	"plugins/sse/ssetest": {"plugins/sse"},
	"plugins/sse/brokertest": {
		"app", "apptest", "plugins/sse", "routing",
		"github.com/stretchr/testify/assert", "github.com/stretchr/testify/require",
	},
	"client/eventsource": {"plugins/sse", "internal/httpheader", "internal/mistakes"},
	"plugins/compression": {
		"app", "internal/httpheader", "internal/mistakes", "plugins/sse",
		"github.com/klauspost/compress/flate", "github.com/klauspost/compress/gzip",
		"github.com/klauspost/compress/zlib", "github.com/klauspost/compress/zstd",
	},
	"plugins/authentication": {
		"app", "internal/httpheader", "internal/mistakes", "plugins/authentication/internal/impersonation",
	},
	"plugins/authentication/authtest": {
		"apptest", "plugins/authentication", "plugins/authentication/internal/impersonation",
	},
	"plugins/authentication/apikey": {"app", "internal/httpheader", "internal/mistakes", "plugins/authentication"},
	"plugins/authentication/basic":  {"app", "internal/httpheader", "internal/mistakes", "plugins/authentication"},
	"plugins/authentication/bearer": {"app", "internal/httpheader", "internal/mistakes", "plugins/authentication"},
	"plugins/authentication/form": {
		"app", "internal/httpheader", "internal/mistakes", "plugins/authentication",
		"plugins/authentication/internal/localpath", "plugins/authentication/internal/loginpage",
	},
	"plugins/authentication/internal/localpath": {},
	"plugins/authentication/internal/loginpage": {"app", "plugins/authentication", "plugins/authentication/internal/localpath"},
	"plugins/authentication/internal/impersonation": {
		"app",
	},
	"plugins/authentication/passwords": {
		"internal/mistakes", "plugins/authentication", "golang.org/x/crypto/argon2", "golang.org/x/crypto/bcrypt",
	},
	"plugins/autoheadresponse":   {"app"},
	"plugins/cachingheaders":     {"app", "internal/httpheader", "internal/mistakes"},
	"plugins/callid":             {"app", "internal/httpheader", "internal/mistakes"},
	"plugins/calllogging":        {"app", "internal/httpheader", "internal/mistakes"},
	"plugins/conditionalheaders": {"app", "internal/httpheader", "internal/mistakes"},
	"plugins/contentnegotiation": {"app", "internal/httpheader", "internal/mistakes"},
	"plugins/cors":               {"app", "internal/httpheader", "internal/mistakes"},
	"plugins/csrf":               {"app", "internal/httpheader", "internal/mistakes"},
	"plugins/defaultheaders":     {"app", "internal/httpheader", "internal/mistakes"},
	"plugins/doublereceive":      {"app", "internal/mistakes"},
	"plugins/health":             {"app", "internal/mistakes"},
	"plugins/partialcontent":     {"app", "internal/httpheader", "plugins/conditionalheaders"},
	"plugins/ratelimit":          {"app", "internal/httpheader", "internal/mistakes", "golang.org/x/time/rate"},
	"plugins/requestbodylimit":   {"app"},
	"plugins/sessions":           {"app", "internal/httpheader", "internal/mistakes"},
	"plugins/sessions/storagetest": {
		"plugins/sessions", "github.com/stretchr/testify/assert", "github.com/stretchr/testify/require",
	},
	"plugins/shutdownurl": {"app"},
	"plugins/static":      {"app", "internal/httpheader", "internal/mistakes", "routing"},
	"plugins/statuspages": {"app", "internal/httpheader", "internal/mistakes"},
	"internal/hocon":      {"app"},
	"plugins/timeouts":    {"app"},
	"internal/httpheader": {},
	"internal/keystore":   {"software.sslmate.com/src/go-pkcs12"},
	"internal/mistakes":   {},
	"internal/memnet":     {},
	"internal/park":       {},
	"internal/watched":    {},
	"internal/wire":       {},
	"internal/plugintest": {
		"app", "apptest", "plugins/sse", "routing",
		"github.com/stretchr/testify/assert", "github.com/stretchr/testify/require",
	},
	"internal/redistest":    {"github.com/stretchr/testify/require"},
	"internal/slapdtest":    {"github.com/stretchr/testify/require"},
	"internal/archtest":     {},
	"test/clients/server":   {"app", "engine", "plugins/datastar", "plugins/sse", "routing"},
	"test/samples":          {"app", "config"},
	"test/contract/service": {"app", "engine", "routing", "client/eventsource", "plugins/sse"},

	// What a service behind a proxy needs.
	"internal/forwarding":          {"app", "internal/httpheader"},
	"plugins/forwardedheaders":     {"app", "internal/forwarding", "internal/httpheader", "internal/mistakes"},
	"plugins/xforwardedheaders":    {"app", "internal/forwarding", "internal/httpheader", "internal/mistakes"},
	"plugins/hsts":                 {"app", "internal/httpheader", "internal/mistakes"},
	"plugins/httpsredirect":        {"app", "internal/httpheader", "internal/mistakes"},
	"plugins/methodoverride":       {"app", "internal/httpheader", "internal/mistakes"},
	"plugins/httprequestlifecycle": {"app", "internal/httpheader"},

	// Streams and routes for hypermedia.
	"plugins/datastar": {
		"app", "plugins/sse",
	},
	"plugins/htmx": {
		"app", "internal/httpheader", "routing",
	},

	// Who is calling, by a provider, and after that by a session.
	"plugins/authentication/session": {
		"app", "internal/mistakes", "plugins/authentication", "plugins/authentication/internal/loginpage", "plugins/sessions",
	},
	"plugins/authentication/oauth": {
		"app", "internal/httpheader", "internal/mistakes", "plugins/authentication/internal/localpath", "routing", "golang.org/x/oauth2",
	},

	// Who is calling, by a digest or a token.
	"plugins/authentication/digest": {"app", "internal/httpheader", "internal/mistakes", "plugins/authentication"},
	"plugins/authentication/jwt":    {"app", "internal/httpheader", "internal/mistakes", "plugins/authentication", "github.com/golang-jwt/jwt/v5"},

	// How many sessions may be open: event streams and WebSockets.
	"internal/admission": {
		"app",
	},

	// Which of them are open, and until when.
	"internal/registry": {
		"app",
	},

	// Messages both ways.
	"plugins/websockets": {
		"app", "internal/admission", "internal/httpheader", "internal/mistakes", "internal/registry", "plugins/sse", "routing",
		"github.com/coder/websocket",
	},

	// What curl answers the challenges of.
	"test/clients/digest": {"app", "engine", "plugins/authentication", "plugins/authentication/digest", "routing"},

	// What curl asks at every kind of connector.
	"test/clients/connectors": {"app", "engine", "routing"},

	// What real WebSocket clients talk to.
	"test/clients/websockets": {
		"app", "engine", "plugins/websockets", "routing",
	},

	// Where curl logs in.
	"test/clients/login": {
		"app", "engine", "plugins/authentication", "plugins/authentication/apikey", "plugins/authentication/basic",
		"plugins/authentication/bearer", "plugins/authentication/digest", "plugins/authentication/form",
		"plugins/authentication/jwt", "plugins/authentication/session", "plugins/sessions", "plugins/sse", "routing",
		"github.com/golang-jwt/jwt/v5",
	},
}

// source is one parsed file that is not a test.
type source struct {
	path string // below the root of the repository
	file *ast.File
	data []byte
}

// sources returns the module's own files outside examples and other modules.
func sources(t *testing.T) []source {
	t.Helper()
	var found []source
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if entry.IsDir() {
			_, otherModule := os.Stat(filepath.Join(path, "go.mod"))
			hidden := strings.HasPrefix(entry.Name(), ".") && path != root
			if path != root && (hidden || otherModule == nil || entry.Name() == "testdata" || entry.Name() == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		file, err := parser.ParseFile(token.NewFileSet(), path, data, parser.ParseComments)
		require.NoError(t, err)
		below, err := filepath.Rel(root, path)
		require.NoError(t, err)
		found = append(found, source{filepath.ToSlash(below), file, data})
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

func TestImports(t *testing.T) {
	seen := map[string]bool{}
	for _, source := range sources(t) {
		folder := filepath.ToSlash(filepath.Dir(source.path))
		if strings.HasPrefix(folder, "examples/") {
			continue // examples may import everything
		}
		allowed, known := rules[folder]
		require.True(t, known, "%s: the package has no rule", source.path)
		seen[folder] = true
		for _, spec := range source.file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			ours, isOurs := strings.CutPrefix(path, module)
			if isOurs || strings.Contains(strings.Split(path, "/")[0], ".") {
				assert.Contains(t, allowed, ours, "%s imports %s", source.path, path)
			}
		}
	}
	for folder := range rules {
		assert.True(t, seen[folder], "there is a rule for %s, and no such package", folder)
	}
}

// The compiler refuses cycles of packages. The rules have none either, so that
// docs/architecture.md can order the packages in layers.
func TestRulesHaveNoCycles(t *testing.T) {
	var visit func(folder string, way []string)
	visit = func(folder string, way []string) {
		require.NotContains(t, way, folder)
		for _, next := range rules[folder] {
			visit(next, append(slices.Clone(way), folder))
		}
	}
	for folder := range rules {
		visit(folder, nil)
	}
}

func TestArchitectureListsTheRules(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/architecture.md"))
	require.NoError(t, err)
	for folder, allowed := range rules {
		row := "| `" + folder + "` |"
		var lines []string
		for candidate := range strings.Lines(string(text)) {
			if strings.HasPrefix(candidate, row) {
				lines = append(lines, candidate)
			}
		}
		require.Len(t, lines, 1, "rows of docs/architecture.md for %s", folder)
		for _, path := range allowed {
			assert.Contains(t, lines[0], "`"+path+"`", "the row for %s", folder)
		}
	}
}

func TestNoInit(t *testing.T) {
	for _, source := range sources(t) {
		for _, declaration := range source.file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if ok && function.Recv == nil {
				assert.NotEqual(t, "init", function.Name.Name, source.path)
			}
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	for _, source := range sources(t) {
		assert.LessOrEqual(t, strings.Count(string(source.data), "\n"), 500, source.path)
	}
}

func TestPackagesAreDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, source := range sources(t) {
		folder := filepath.Dir(source.path)
		isDoc := filepath.Base(source.path) == "doc.go" || strings.HasPrefix(folder, "examples")
		documented[folder] = documented[folder] || isDoc && source.file.Doc.Text() != ""
	}
	for folder, ok := range documented {
		assert.True(t, ok, "%s has no package documentation in doc.go", folder)
	}
}
