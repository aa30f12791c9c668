package sessions_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

// upgraded asks for a WebSocket, and returns the head of the answer.
func upgraded(t *testing.T, host *apptest.Host) *http.Response {
	t.Helper()
	conn := host.Dial()
	t.Cleanup(func() { _ = conn.Close() })
	_, err := io.WriteString(conn, "GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response
}

// TestASessionIsSentWithAHandshake of a WebSocket, and cannot be set in it.
func TestASessionIsSentWithAHandshake(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, func(a *app.Application) {
					a.Install(websockets.Plugin)
					a.Install(cookie(way))
					routing.Routes(a, func(r *routing.Route) {
						service(r)
						r.Get("/chat", func(c *app.Call) error {
							if err := users.Set(c, User{Name: "alice"}); err != nil {
								return err
							}
							return websockets.Respond(c, func(s *websockets.Session) error {
								user, ok, err := users.Get(s.Call())
								assert.True(t, ok)
								assert.Equal(t, "alice", user.Name)
								assert.ErrorIs(t, users.Set(s.Call(), User{Name: "bob"}), sessions.ErrTooLate)
								return err
							})
						})
					})
				})
				response := upgraded(t, host)
				assert.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
				cookies := response.Cookies()
				require.Len(t, cookies, 1)
				line := cookies[0].Name + "=" + cookies[0].Value
				assert.Equal(t, "alice ", apptest.Text(t, host.Get("/get", apptest.Header("Cookie", line))))
				assert.Empty(t, host.Log().AtLeast(slog.LevelWarn))
			})
		})
	}
}

// TestAHeadOfItsOwnTellsNothing of a session that was set, which is said once.
func TestAHeadOfItsOwnTellsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(cookie(signed))
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/chat", func(c *app.Call) error {
					if err := users.Set(c, User{Name: "alice"}); err != nil {
						return err
					}
					conn, _, err := http.NewResponseController(c.Writer()).Hijack()
					if err != nil {
						return err
					}
					_, err = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\n\r\n")
					return cmpError(err, conn.Close())
				})
				r.Get("/quiet", func(c *app.Call) error {
					_, _, err := users.Get(c)
					if err != nil {
						return err
					}
					conn, _, err := http.NewResponseController(c.Writer()).Hijack()
					return cmpError(err, conn.Close())
				})
			})
		})
		quiet := host.Dial()
		_, err := io.WriteString(quiet, "GET /quiet HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(t, err)
		_, _ = io.ReadAll(quiet)
		assert.Empty(t, host.Log().AtLeast(slog.LevelWarn))
		for range 2 {
			assert.Empty(t, upgraded(t, host).Cookies())
		}
		synctest.Wait()
		lines := host.Log().AtLeast(slog.LevelWarn)
		require.Len(t, lines, 1)
		assert.Equal(t, "/chat", lines[0].Attrs["route"])
	})
}

// TestAStorageThatFailsAtAHandshake makes it a failure, which is answered.
func TestAStorageThatFailsAtAHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(websockets.Plugin)
			a.Install(cookie(in(full{sessions.NewMemory()})))
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/chat", func(c *app.Call) error {
					if err := users.Set(c, User{Name: "alice"}); err != nil {
						return err
					}
					return websockets.Respond(c, func(*websockets.Session) error {
						t.Error("the session was served")
						return nil
					})
				})
			})
		})
		response := upgraded(t, host)
		assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
		assert.Empty(t, response.Cookies())
		assert.Empty(t, response.Header.Get("Upgrade"))
		assert.Empty(t, response.Header.Get("Sec-WebSocket-Accept"))
	})
}

// full is a storage that saves nothing.
type full struct{ sessions.Storage }

func (full) Save(context.Context, string, sessions.Record) error { return errors.New("it is full") }
