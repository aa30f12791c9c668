package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestHeadReadsNoMoreThanItNeeds: of a reader that answers HEAD as much is read
// as its type may depend on. Ktor cancels the channel (AutoHeadResponseTest,
// testDisposesContent).
func TestHeadReadsNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		length, read int
		wrapped      bool
	}{
		"nothing":                   {0, 0, false},
		"short":                     {100, 100, false},
		"long":                      {1 << 20, 512, false},
		"nothing, for a middleware": {0, 0, true},
		"short, for a middleware":   {100, 100, true},
		"long, for a middleware":    {1 << 20, 512, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reader := &countingReader{Reader: strings.NewReader(strings.Repeat("<", test.length))}
			a := start(t, func(a *app.Application) {
				if test.wrapped {
					a.Use(wrappingWriter)
				}
			}, answering(func(c *app.Call) error { return c.Respond(reader) }))
			response := do(t, a, httptest.NewRequest(http.MethodHead, "/", nil))
			assert.Equal(t, 200, response.StatusCode)
			assert.Empty(t, body(t, response))
			assert.Equal(t, test.read, reader.read)
			assert.Equal(t, 1, reader.closed)
			want := "text/plain; charset=utf-8"
			if test.length == 0 {
				want = ""
			}
			assert.Equal(t, want, response.Header.Get("Content-Type"))
		})
	}
}

// TestHeadOfAFile: the response has the length of the file, and the rest of the
// file is not read.
func TestHeadOfAFile(t *testing.T) {
	t.Parallel()
	a := start(t, answering(func(c *app.Call) error { return c.RespondFile(nil, "head_test.go") }))
	size := get(t, a, "/").Header.Get("Content-Length")
	response := do(t, a, httptest.NewRequest(http.MethodHead, "/", nil))
	assert.NotEmpty(t, size)
	assert.Equal(t, size, response.Header.Get("Content-Length"))
}

// TestHeadEndsAStream: when the head has left, a stream is told that nobody
// reads the rest, and that is no failure. Without it a stream without end would
// run on behind a response that has one.
func TestHeadEndsAStream(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wrapped bool
		stream  app.Stream
		status  int
	}{
		"that writes": {false, func(w http.ResponseWriter) error {
			w.Header().Set("X-Of", "the stream")
			w.WriteHeader(http.StatusCreated)
			for {
				if _, err := io.WriteString(w, "again "); err != nil {
					return err
				}
			}
		}, 201},
		"that writes, behind a middleware": {true, func(w http.ResponseWriter) error {
			w.Header().Set("X-Of", "the stream")
			for {
				if _, err := io.WriteString(w, "again "); err != nil {
					return err
				}
			}
		}, 200},
		"that flushes": {false, func(w http.ResponseWriter) error {
			w.Header().Set("X-Of", "the stream")
			for {
				if err := http.NewResponseController(w).Flush(); err != nil {
					return err
				}
			}
		}, 200},
		"that ends": {false, func(w http.ResponseWriter) error {
			w.Header().Set("X-Of", "the stream")
			_, err := io.WriteString(w, "once")
			return err
		}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				logs := &logbook{}
				client := serve(t, start(t, func(a *app.Application) {
					if test.wrapped {
						a.Use(wrappingWriter)
					}
				}, logs.module, answering(func(c *app.Call) error { return c.Respond(test.stream) })))
				for range 2 { // the connection is good for another call
					response, err := client.Head("http://test/")
					require.NoError(t, err)
					assert.Equal(t, test.status, response.StatusCode)
					assert.Equal(t, "the stream", response.Header.Get("X-Of"))
				}
				assert.Empty(t, logs.all())
			})
		})
	}
}

// TestHeadOfAStreamThatFails: an error of its own is an error.
func TestHeadOfAStreamThatFails(t *testing.T) {
	t.Parallel()
	for name, respond := range map[string]any{
		"stream": app.Stream(func(http.ResponseWriter) error { return app.NewError(409, "sorry") }),
		"reader": iotest.ErrReader(app.NewError(409, "sorry")),
	} {
		a := start(t, answering(func(c *app.Call) error { return c.Respond(respond) }))
		assert.Equal(t, 409, do(t, a, httptest.NewRequest(http.MethodHead, "/", nil)).StatusCode, name)
	}
}
