package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

// next returns the HTML of the next patch of a stream.
func next(t *testing.T, response *http.Response) string {
	t.Helper()
	event := ssetest.Take(t, response.Body, 1)[0]
	require.Equal(t, "datastar-patch-elements", event.Event)
	return strings.ReplaceAll(event.Data, "elements ", "")
}

func TestOneListForAllWindows(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, Module(""), mode)
		first := host.Get("/feed")
		assert.Contains(t, next(t, first), "<output>0</output>")

		response := host.Post("/things", "application/json", strings.NewReader(`{"text":" <b>bread\r\n</b> ","query":""}`))
		assert.Equal(t, "event: datastar-patch-signals\r\ndata: signals {\"text\":\"\"}\r\n\r\n", apptest.Text(t, response))
		assert.Contains(t, next(t, first), "<span>&lt;b&gt;bread\n&lt;/b&gt;</span>")
		second := host.Get("/feed")
		assert.Contains(t, next(t, second), "<output>1</output>")

		assert.Equal(t, http.StatusNoContent, host.Do(http.MethodDelete, "/things/1?datastar={}", nil).StatusCode)
		assert.Contains(t, next(t, first), "<output>0</output>")
		require.NoError(t, first.Body.Close())
		require.NoError(t, second.Body.Close())
	})
}

func TestSearch(t *testing.T) {
	host := apptest.Start(t, Module(""))
	for _, text := range []string{"Bread", "butter", "Salt"} {
		require.Equal(t, http.StatusOK, host.Post("/things", "application/json", strings.NewReader(`{"text":"`+text+`"}`)).StatusCode)
	}
	for query, want := range map[string]string{
		"b":  "<ul id=\"found\">\n<li>Bread</li>\n<li>butter</li>\n</ul>",
		"AL": "<ul id=\"found\">\n<li>Salt</li>\n</ul>",
		"x":  "<ul id=\"found\">\n<li>Nobody.</li>\n</ul>",
	} {
		response := host.Get("/search?datastar=" + url.QueryEscape(`{"text":"","query":"`+query+`"}`))
		assert.Equal(t, want, next(t, response))
	}
}

func TestRefused(t *testing.T) {
	host := apptest.Start(t, Module(""))
	for body, want := range map[string]int{
		`{"text":" "}`: http.StatusUnprocessableEntity,
		`{"text":"` + strings.Repeat("x", 81) + `"}`: http.StatusUnprocessableEntity,
		`{"text":1}`: http.StatusBadRequest,
		`text=bread`: http.StatusBadRequest,
	} {
		assert.Equal(t, want, host.Post("/things", "application/json", strings.NewReader(body)).StatusCode, body)
	}
	for range most {
		require.Equal(t, http.StatusOK, host.Post("/things", "application/json", strings.NewReader(`{"text":"x"}`)).StatusCode)
	}
	assert.Equal(t, http.StatusConflict, host.Post("/things", "application/json", strings.NewReader(`{"text":"x"}`)).StatusCode)
	assert.Equal(t, http.StatusNotFound, host.Do(http.MethodDelete, "/things/0", nil).StatusCode)
	assert.Equal(t, http.StatusNotFound, host.Do(http.MethodDelete, "/things/x", nil).StatusCode)
	forged := host.Post("/things", "application/json", strings.NewReader(`{"text":"x"}`), apptest.Header("Sec-Fetch-Site", "cross-site"))
	assert.Equal(t, http.StatusForbidden, forged.StatusCode)
}

// The script is the network's, or a file's, and the policy allows the one of both.
func TestScript(t *testing.T) {
	host := apptest.Start(t, Module(""))
	page := host.Get("/")
	assert.Contains(t, apptest.Text(t, page), `<script type="module" src="`+network+`">`)
	assert.Contains(t, page.Header.Get("Content-Security-Policy"), "https://cdn.jsdelivr.net/gh/starfederation/datastar@v1.0.1/bundles/;")
	assert.Equal(t, http.StatusNotFound, host.Get("/datastar.js").StatusCode)

	file := filepath.Join(t.TempDir(), "own.js")
	require.NoError(t, os.WriteFile(file, []byte("export {}"), 0o600))
	host = apptest.Start(t, Module(file))
	page = host.Get("/")
	assert.Contains(t, apptest.Text(t, page), `<script type="module" src="/datastar.js">`)
	assert.NotContains(t, page.Header.Get("Content-Security-Policy"), "https:")
	script := host.Get("/datastar.js")
	assert.Contains(t, script.Header.Get("Content-Type"), "javascript")
	assert.Equal(t, "export {}", apptest.Text(t, script))
}
