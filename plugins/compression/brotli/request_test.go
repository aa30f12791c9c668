package brotli_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	reference "github.com/andybalholm/brotli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/compression/brotli"
	"github.com/chitor-go/chitor/routing"
)

// encoded is what a foreign encoder makes of a body.
func encoded(t *testing.T, body string) []byte {
	t.Helper()
	var sent bytes.Buffer
	writer := reference.NewWriterOptions(&sent, reference.WriterOptions{Quality: 6, LGWin: 24})
	_, err := io.WriteString(writer, body)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return sent.Bytes()
}

// Bodies of requests are decoded; one that breaks off, or goes on, or is none,
// is the client's fault, and does not spoil the reader for the next.
func TestRequest(t *testing.T) {
	whole := encoded(t, text)
	host := start(t, func(r *routing.Route) {
		r.Post("/", func(c *app.Call) error {
			received, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText(received)
		})
	})
	for _, test := range []struct {
		name   string
		sent   []byte
		status int
		want   string
	}{
		{"whole", whole, http.StatusOK, text},
		{"empty", encoded(t, ""), http.StatusOK, ""},
		{"cut", whole[:len(whole)/2], http.StatusBadRequest, ""},
		{"followed by more", append(bytes.Clone(whole), "more"...), http.StatusBadRequest, ""},
		{"not Brotli", []byte(text), http.StatusBadRequest, ""},
		{"whole again", whole, http.StatusOK, text},
		{"bomb", encoded(t, string(make([]byte, 2<<20))), http.StatusRequestEntityTooLarge, ""},
		{"whole at last", whole, http.StatusOK, text},
	} {
		t.Run(test.name, func(t *testing.T) {
			response := host.Do(http.MethodPost, "/", bytes.NewReader(test.sent), apptest.Header("Content-Encoding", "br"))
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Equal(t, test.status, response.StatusCode)
			if test.status == http.StatusOK {
				assert.Equal(t, test.want, string(body))
			}
		})
	}
}

// Every proper beginning of a body is refused.
func TestTruncated(t *testing.T) {
	whole := encoded(t, text+"and something that is there only once: 0x1b873593")
	host := start(t, func(r *routing.Route) {
		r.Post("/", func(c *app.Call) error {
			if _, err := c.ReceiveText(); err != nil {
				return err
			}
			return c.RespondStatus(http.StatusNoContent)
		})
	})
	for n := 1; n <= len(whole); n++ {
		want := http.StatusBadRequest
		if n == len(whole) {
			want = http.StatusNoContent
		}
		response := host.Do(http.MethodPost, "/", bytes.NewReader(whole[:n]), apptest.Header("Content-Encoding", "br"))
		assert.Equal(t, want, response.StatusCode, "%d of %d bytes", n, len(whole))
	}
}

// A bomb is decoded up to the limit, with a window of 16 MiB at most.
func TestBomb(t *testing.T) {
	bomb := encoded(t, string(make([]byte, 64<<20)))
	assert.Less(t, len(bomb), 1<<10)
	var read int64
	application := app.New(func(a *app.Application) {
		a.Install(compression.Plugin.With(func(c *compression.Config) { c.Encoder(brotli.Encoder()) }))
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) (err error) {
				read, err = io.Copy(io.Discard, struct{ io.Reader }{c.Request.Body})
				return err
			})
		})
	})
	require.NoError(t, application.Start(t.Context()))
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(bomb))
	request.Header.Set("Content-Encoding", "br")
	recorder := httptest.NewRecorder()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	application.ServeHTTP(recorder, request)
	runtime.ReadMemStats(&after)
	assert.Equal(t, http.StatusRequestEntityTooLarge, recorder.Code)
	assert.EqualValues(t, 50<<20, read)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(20<<20))
	require.NoError(t, application.Stop(t.Context()))
}

// A body counts as what its window takes, whatever it becomes: with a budget
// for one, a second one at the same time is refused, and one after it is not.
func TestBudget(t *testing.T) {
	for bits := 10; bits <= 24; bits++ {
		var sent bytes.Buffer
		writer := reference.NewWriterOptions(&sent, reference.WriterOptions{Quality: 6, LGWin: bits})
		_, err := io.WriteString(writer, text)
		require.NoError(t, err)
		require.NoError(t, writer.Close())
		for _, test := range []struct {
			budget int64
			status int
		}{
			{4<<20 + 1<<bits + 1<<20, http.StatusOK},
			{4<<20 + 1<<bits, http.StatusServiceUnavailable},
		} {
			host := apptest.Start(t, func(a *app.Application) {
				a.Install(compression.Plugin.With(func(c *compression.Config) {
					c.Encoder(brotli.Encoder())
					c.MaxDecoderMemory = test.budget
				}))
				routing.Routes(a, func(r *routing.Route) {
					r.Post("/", func(c *app.Call) error {
						received, err := c.ReceiveText()
						if err != nil {
							return err
						}
						return c.RespondText(received)
					})
				})
			})
			for range 2 {
				response := host.Do(http.MethodPost, "/", bytes.NewReader(sent.Bytes()), apptest.Header("Content-Encoding", "br"))
				assert.Equal(t, test.status, response.StatusCode, "%d bits, %d bytes", bits, test.budget)
				response.Body.Close()
			}
		}
	}
}
