package main

import (
	"html/template"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// TestRoot is Ktor's testRoot.
func TestRoot(t *testing.T) {
	response := apptest.Start(t, Module).Get("/")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, `<!DOCTYPE html>
<html>
  <body>
    <h1>Chitor</h1>
    <article>
      <h2>Hello from Chitor!</h2>
      <p>Go framework for creating connected systems.</p>
      <ul>
        <li><b>One</b></li>
        <li>Two</li>
      </ul>
    </article>
  </body>
</html>
`, apptest.Text(t, response))
}

// TestList shows that no list is drawn for no items, and that text is escaped.
func TestList(t *testing.T) {
	layout, err := template.ParseFS(files, "templates/*.html")
	require.NoError(t, err)
	for want, items := range map[string][]string{
		"": nil,
		"<ul>\n        <li><b>&lt;i&gt;</b></li>\n      </ul>": {"<i>"},
	} {
		var list strings.Builder
		require.NoError(t, layout.ExecuteTemplate(&list, "list", items))
		assert.Equal(t, want, list.String())
	}
}
