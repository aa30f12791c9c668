package config_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/config"
)

// files are the resources of a test, by their paths.
func files(text map[string]string) fstest.MapFS {
	resources := fstest.MapFS{}
	for path, text := range text {
		resources[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return resources
}

// variables is an environment that has these variables, and no others.
func variables(set map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { value, ok := set[name]; return value, ok }
}

// environment is what the tests transposed from Ktor take for the process's.
func environment() func(string) (string, bool) {
	return variables(map[string]string{"PATH": "/bin", "test.property": "systemValue", "TEST_DB_PASSWORD": "$123Password"})
}

// try loads one file with that name and text.
func try(name, text string) (app.Properties, error) {
	return config.Loader{Resources: files(map[string]string{name: text}), Environment: environment()}.Load(name)
}

// parsed loads one file that has no mistakes.
func parsed(t *testing.T, name, text string) app.Properties {
	t.Helper()
	properties, err := try(name, text)
	require.NoError(t, err)
	return properties
}

// as returns what a path is read as.
func as[T any](t *testing.T, p app.Properties, path string) T {
	t.Helper()
	value, err := app.Property[T](p, path)
	require.NoError(t, err)
	return value
}

// requireText asserts what a path is as text; "" is nothing.
func requireText(t *testing.T, p app.Properties, path, want string) {
	t.Helper()
	text, ok := p.Text(path)
	require.Equal(t, want, text, path)
	require.Equal(t, want != "", ok, path)
}
