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

// writers are the ways to a writer that a handler has.
var writers = map[string]func(use func(c *app.Call, w http.ResponseWriter) error) app.Handler{
	"Writer": func(use func(*app.Call, http.ResponseWriter) error) app.Handler {
		return func(c *app.Call) error { return use(c, c.Writer()) }
	},
	"Stream": func(use func(*app.Call, http.ResponseWriter) error) app.Handler {
		return func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error { return use(c, w) }))
		}
	},
	"net/http": func(use func(*app.Call, http.ResponseWriter) error) app.Handler {
		return func(c *app.Call) error {
			var err error
			answer := app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { err = use(c, w) }))
			return errors.Join(answer(c), err)
		}
	},
}

// eachWriter runs a check for each way to a writer.
func eachWriter(t *testing.T, check func(t *testing.T, handler func(use func(c *app.Call, w http.ResponseWriter) error) app.Handler)) {
	t.Helper()
	for name, handler := range writers {
		t.Run(name, func(t *testing.T) { check(t, handler) })
	}
}

// checkFlush: what is flushed arrives, the head with it, while the handler goes
// on.
func checkFlush(t *testing.T, p *probe) {
	eachWriter(t, func(t *testing.T, handler func(func(*app.Call, http.ResponseWriter) error) app.Handler) {
		p.bubble(t, handler(func(c *app.Call, w http.ResponseWriter) error {
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

// checkController: what net/http's writers can do can be reached.
func checkController(t *testing.T, p *probe) {
	eachWriter(t, func(t *testing.T, handler func(func(*app.Call, http.ResponseWriter) error) app.Handler) {
		p.bubble(t, handler(func(c *app.Call, w http.ResponseWriter) error {
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

// checkHijack: the connection can be taken over, and what is written to it then
// is all that the client gets.
func checkHijack(t *testing.T, p *probe) {
	const answer = "HTTP/1.1 299 Taken over\r\nConnection: close\r\n\r\nraw"
	eachWriter(t, func(t *testing.T, handler func(func(*app.Call, http.ResponseWriter) error) app.Handler) {
		p.bubble(t, handler(func(_ *app.Call, w http.ResponseWriter) error {
			conn, buffered, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return err
			}
			_, err = buffered.WriteString(answer)
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
			assert.Equal(t, answer, string(got))
		})
	})
}
