package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// TestBodyOfABodilessStatus: what is responded with under 204 or 304 is
// dropped, alike with and without a middleware's writer between.
func TestBodyOfABodilessStatus(t *testing.T) {
	t.Parallel()
	for name, module := range map[string]app.Module{
		"direct":     func(*app.Application) {},
		"middleware": func(a *app.Application) { a.Use(wrappingWriter) },
	} {
		for _, status := range []int{http.StatusNoContent, http.StatusNotModified} {
			t.Run(name+" "+http.StatusText(status), func(t *testing.T) {
				t.Parallel()
				reader := &countingReader{Reader: strings.NewReader("a body")}
				for _, value := range []any{"a body", strings.Repeat("a body", 1000), []byte("a body"), reader} {
					a := start(t, module, answering(func(c *app.Call) error {
						c.SetStatus(status)
						return c.Respond(value)
					}))
					response := get(t, a, "/")
					assert.Equal(t, status, response.StatusCode)
					assert.Empty(t, body(t, response))
					assert.NotContains(t, response.Header, "Content-Length")
				}
				assert.Equal(t, 1, reader.closed)
			})
		}
	}
}
