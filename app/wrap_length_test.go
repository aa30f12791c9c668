package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// firstBytes lets the first bytes of a body through, and knows how many.
type firstBytes struct {
	next io.Writer
	left int
	all  int64
}

func (w *firstBytes) Write(p []byte) (int, error) {
	n := min(w.left, len(p))
	w.left -= n
	if _, err := w.next.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (w *firstBytes) Flush() error  { return nil }
func (w *firstBytes) Close() error  { return nil }
func (w *firstBytes) Abort()        {}
func (w *firstBytes) Length() int64 { return w.all }

// A wrap that knows how long the body becomes declares it, if it is the last.
func TestWrapThatKnowsItsLength(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3000)
	first := func(n int) func(*app.Outgoing) {
		return func(out *app.Outgoing) {
			out.Wrap(func(w io.Writer) app.BodyWriter { return &firstBytes{w, n, int64(n)} })
		}
	}
	unknown := func(out *app.Outgoing) {
		out.Wrap(func(w io.Writer) app.BodyWriter { return &firstBytes{w, 10_000, -1} })
	}
	for name, test := range map[string]struct {
		wraps  []func(*app.Outgoing)
		length string
		body   int
	}{
		"one":                  {[]func(*app.Outgoing){first(5)}, "5", 5},
		"none of it":           {[]func(*app.Outgoing){first(0)}, "0", 0},
		"behind an unknown":    {[]func(*app.Outgoing){unknown, first(5)}, "5", 5},
		"in front of one":      {[]func(*app.Outgoing){first(2500), unknown}, "", 2500},
		"two that know":        {[]func(*app.Outgoing){first(7), first(5)}, "5", 5},
		"one that knows of no": {[]func(*app.Outgoing){unknown}, "", 3000},
		"no wrap":              {nil, "3000", 3000},
	} {
		for kind, handler := range map[string]app.Handler{
			"text": text(long),
			"declared stream": func(c *app.Call) error {
				c.Header().Set("Content-Length", "3000")
				_, err := io.WriteString(c.Writer(), long)
				return err
			},
		} {
			a := start(t, func(a *app.Application) {
				a.InterceptSend(app.SendTransferEncoding, func(_ *app.Call, out *app.Outgoing) error {
					assert.False(t, out.Wrapped())
					for _, wrap := range test.wraps {
						wrap(out)
						assert.True(t, out.Wrapped())
					}
					return nil
				})
			}, answering(handler))
			response := fetch(t, serve(t, a), "/")
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, test.length, response.Header.Get("Content-Length"), "%s, %s", name, kind)
			assert.Len(t, body(t, response), test.body, "%s, %s", name, kind)
		}
	}
}
