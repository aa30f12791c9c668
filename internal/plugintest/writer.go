package plugintest

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// A use is what a check does with the writer of a call.
type use func(c *app.Call, w http.ResponseWriter) error

// A writerOf makes a handler that gets a writer in one of the ways there are,
// and uses it.
type writerOf func(use use) app.Handler

// writers are the ways in which a handler gets a writer.
var writers = map[string]writerOf{
	"Writer": func(use use) app.Handler {
		return func(c *app.Call) error { return use(c, c.Writer()) }
	},
	"Stream": func(use use) app.Handler {
		return func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error { return use(c, w) }))
		}
	},
	"net/http": func(use use) app.Handler {
		return func(c *app.Call) error {
			var err error
			serve := app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { err = use(c, w) }))
			return errors.Join(serve(c), err)
		}
	},
}

// eachWriter runs a check for each way to get a writer.
func eachWriter(t *testing.T, check func(t *testing.T, writerOf writerOf)) {
	t.Helper()
	for name, writerOf := range writers {
		t.Run(name, func(t *testing.T) { check(t, writerOf) })
	}
}

// checkFlush: what is flushed arrives, with the head, while the handler still
// runs.
func checkFlush(t *testing.T, p *probe) {
	eachWriter(t, func(t *testing.T, writerOf writerOf) {
		p.bubble(t, writerOf(func(c *app.Call, w http.ResponseWriter) error {
			for _, piece := range []string{"first", "second"} {
				_, err := io.WriteString(w, piece)
				if err == nil {
					err = http.NewResponseController(w).Flush()
				}
				if err == nil {
					err = wait(c.Context(), time.Hour)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}), func(t *testing.T, h *host) {
			began := time.Now()
			h.ask(http.MethodGet, nil, func(response *http.Response) {
				body, err := decoded(response)
				require.NoError(t, err)
				for i, want := range []string{"first", "second"} {
					piece := make([]byte, len(want))
					_, err = io.ReadFull(body, piece)
					require.NoError(t, err)
					assert.Equal(t, want, string(piece))
					assert.Equal(t, time.Duration(i)*time.Hour, time.Since(began), "%s is held back", want)
				}
				rest, err := io.ReadAll(body)
				require.NoError(t, err)
				assert.Empty(t, rest)
			})
		})
	})
}

// checkController: http.ResponseController reaches what net/http's writer can
// do.
func checkController(t *testing.T, p *probe) {
	eachWriter(t, func(t *testing.T, writerOf writerOf) {
		p.bubble(t, writerOf(func(c *app.Call, w http.ResponseWriter) error {
			controller := http.NewResponseController(w)
			assert.NoError(t, controller.SetReadDeadline(time.Now().Add(time.Hour)), "SetReadDeadline")
			assert.NoError(t, controller.SetWriteDeadline(time.Now().Add(time.Hour)), "SetWriteDeadline")
			assert.NoError(t, controller.EnableFullDuplex(), "EnableFullDuplex")
			assert.True(t, c.CanFlush(), "CanFlush")
			_, err := io.WriteString(w, "reached")
			return err
		}), func(t *testing.T, h *host) {
			h.ask(http.MethodGet, nil, func(response *http.Response) {
				assert.Equal(t, http.StatusOK, response.StatusCode)
				assert.Equal(t, "reached", text(t, response))
			})
		})
	})
}

// checkHijack: the connection can be taken over, and the client gets only what
// is written to it after that.
func checkHijack(t *testing.T, p *probe) {
	const response = "HTTP/1.1 299 Taken over\r\nConnection: close\r\n\r\nraw"
	eachWriter(t, func(t *testing.T, writerOf writerOf) {
		p.bubble(t, writerOf(func(_ *app.Call, w http.ResponseWriter) error {
			conn, buffered, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return err
			}
			_, err = buffered.WriteString(response)
			return errors.Join(err, buffered.Flush(), conn.Close())
		}), func(t *testing.T, h *host) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+path, http.NoBody)
			require.NoError(t, err)
			for _, change := range h.request {
				change(request)
			}
			conn := h.Dial()
			require.NoError(t, request.Write(conn))
			got, err := io.ReadAll(conn)
			require.NoError(t, err)
			assert.Equal(t, response, string(got))
		})
	})
}
