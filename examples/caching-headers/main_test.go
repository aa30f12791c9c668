package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestCacheControl has Ktor's testIndex, testAbout and testProfile. What a handler
// says is merged with what is said of its type.
func TestCacheControl(t *testing.T) {
	host := apptest.Start(t, Module)
	for path, want := range map[string]string{
		"/index":            "max-age=1800",
		"/about":            "max-age=60",
		"/profile?user=Jet": "no-store, max-age=3600, private",
		"/profile":          "max-age=900",
	} {
		response := host.Get(path)
		assert.Equal(t, []string{want}, response.Header.Values("Cache-Control"), path)
		assert.Contains(t, apptest.Text(t, response), "page", path)
	}
	assert.Empty(t, host.Get("/nowhere").Header.Get("Cache-Control"))
}
