package config_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/config"
)

// TestIdioms: a file for each idiom that Ktor's samples and documentation use.
func TestIdioms(t *testing.T) {
	t.Parallel()
	loader := config.Loader{Directory: "testdata/idioms", Environment: variables(map[string]string{"PORT": "9000", "DEVELOPMENT": "true"})}
	idioms := map[string]map[string]any{
		"nesting.conf":  {"ktor": map[string]any{"deployment": map[string]any{"port": int64(8080)}, "application": map[string]any{"modules": []any{"com.example.ApplicationKt.module"}}}},
		"dotted.conf":   {"ktor": map[string]any{"deployment": map[string]any{"port": int64(8080), "host": "0.0.0.0"}}},
		"unquoted.conf": {"greeting": "Hello my dear  world", "class": "<org.company.ApplicationClass>", "realm": "Access to the '/' path"},
		"quoted.conf":   {"url": "jdbc:h2:mem:test;DB_CLOSE_DELAY=-1", "escaped": "a \"b\" é\n", "a key.with dots": int64(1)},
		"arrays.conf": {
			"comma": []any{"a", "b", int64(3)}, "lines": []any{"a", "b", int64(3)}, "empty": []any{},
			"objects": []any{map[string]any{"name": "x"}, map[string]any{"name": "y"}},
		},
		"comments.conf":   {"port": int64(8080), "host": "#no comment"},
		"override.conf":   {"port": int64(9090), "database": map[string]any{"user": "c", "password": "b"}},
		"optional.conf":   {"ktor": map[string]any{"deployment": map[string]any{"port": "9000", "host": "0.0.0.0"}, "development": "true"}},
		"required.conf":   {"base": "/srv", "data": "/srv", "both": "/srv/9000"},
		"plain.json":      {"ktor": map[string]any{"deployment": map[string]any{"port": int64(8080)}}, "list": []any{int64(1), nil, true}},
		"java.properties": {"ktor": map[string]any{"deployment": map[string]any{"port": "8080"}}, "name": "shop"},
		"forms.yaml": {
			"value": "shop", "port": int64(8080), "names": map[string]any{"first": "eve"},
			"key": "eve", "keyInBraces": "eve", "number": int64(8080), "variable": "9000", "variableInBraces": "9000", "optional": "9000",
			"optionalInBraces": "9000", "unset": nil, "unsetInBraces": nil, "default": "localhost", "defaultInBraces": "localhost",
			"colons": "http://localhost:80", "notTheDefault": "9000", "within": "a $PORT b", "list": []any{"9000", "shop"}, "chained": "eve",
		},
	}
	entries, err := os.ReadDir("testdata/idioms")
	require.NoError(t, err)
	require.Len(t, entries, len(idioms))
	for name, want := range idioms {
		p, err := loader.Load(name)
		require.NoError(t, err)
		require.Equal(t, want, p.Map(), name)
	}
}
