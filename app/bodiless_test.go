package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestBodyOfABodilessStatusIsDropped: what is responded with under 204 or 304
// is dropped, alike with and without a middleware's writer between.
func TestBodyOfABodilessStatusIsDropped(t *testing.T) {
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

func TestBodilessAnswers(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3000)
	for name, test := range map[string]struct {
		method  string
		handler app.Handler
		status  int
		length  string // Content-Length on the wire
	}{
		"HEAD of a text":      {http.MethodHead, text("hello"), 200, "5"},
		"HEAD of a long text": {http.MethodHead, text(long), 200, "3000"},
		"HEAD of held bytes":  {http.MethodHead, func(c *app.Call) error { _, err := io.WriteString(c.Writer(), "hello"); return err }, 200, "5"},
		"HEAD of a stream":    {http.MethodHead, func(c *app.Call) error { _, err := io.WriteString(c.Writer(), long); return err }, 200, ""},
		"HEAD of a reader":    {http.MethodHead, func(c *app.Call) error { return c.Respond(strings.NewReader(long)) }, 200, ""},
		"HEAD of a declared length": {http.MethodHead, app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1234") // as http.ServeContent does
			w.WriteHeader(http.StatusOK)
		})), 200, "1234"},
		"HEAD of a declared length, flushed": {http.MethodHead, func(c *app.Call) error {
			c.Header().Set("Content-Length", "1234")
			return http.NewResponseController(c.Writer()).Flush()
		}, 200, "1234"},
		"HEAD of an error": {http.MethodHead, func(*app.Call) error { return app.NewError(404, "not here") }, 404, "8"},
		"204":              {http.MethodGet, func(c *app.Call) error { return c.RespondStatus(204) }, 204, ""},
		"204 of a text":    {http.MethodGet, func(c *app.Call) error { c.SetStatus(204); return c.RespondText("hello") }, 204, ""},
		"304 of a text":    {http.MethodGet, func(c *app.Call) error { c.SetStatus(304); return c.RespondText(long) }, 304, ""},
		"304 with a length": {http.MethodGet, app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1234")
			w.WriteHeader(http.StatusNotModified)
		})), 304, ""},
		"204 with a flush": {http.MethodGet, func(c *app.Call) error {
			c.Writer().WriteHeader(http.StatusNoContent)
			return http.NewResponseController(c.Writer()).Flush()
		}, 204, ""},
		"304 of a reader": {http.MethodGet, func(c *app.Call) error {
			c.SetStatus(304)
			_ = c.Respond(strings.NewReader(long))
			return nil
		}, 304, ""},
	} {
		for protocol, option := range map[string]func(*http.Server){"HTTP/1.1": func(*http.Server) {}, "HTTP/2.0": http2} {
			t.Run(name+", "+protocol, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client := serve(t, start(t, answering(test.handler)), option)
					for range 2 { // the connection stays in order
						request, err := http.NewRequestWithContext(t.Context(), test.method, "http://test/", nil)
						require.NoError(t, err)
						response, err := client.Do(request)
						require.NoError(t, err)
						assert.Equal(t, test.status, response.StatusCode)
						assert.Equal(t, test.length, response.Header.Get("Content-Length"))
						assert.Empty(t, body(t, response))
					}
				})
			})
		}
	}
}

func TestWritingWhereNoBodyIsAllowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusNoContent, http.StatusNotModified, http.StatusSwitchingProtocols} {
		for way, handler := range ways(func(w http.ResponseWriter) {
			w.WriteHeader(status)
			n, err := io.WriteString(w, "hello")
			assert.Zero(t, n)
			assert.ErrorIs(t, err, http.ErrBodyNotAllowed)
		}) {
			response := get(t, start(t, answering(handler)), "/")
			assert.Equal(t, status, response.StatusCode, way)
			assert.Empty(t, body(t, response), way)
		}
	}
}
