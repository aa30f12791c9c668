package app_test

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	front "github.com/chitor-go/chitor/internal/wire"
	"github.com/chitor-go/chitor/routing"
)

// A hasty taker ends the call with an error, on another goroutine, while Take runs.
type hasty struct {
	call *app.Call
	end  func()
}

func (h *hasty) Take(taken app.Taken) error {
	if taken.Conn == nil {
		return taken.Err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = taken.Conn.Close()
		h.end()
	}()
	<-ended
	return nil
}

func (h *hasty) ContextEnded() {}

// A call whose connection was taken over does not belong to the goroutine that has
// served it: what it ends with is not the server's to know.
func TestACallThatGoesOnIsNotTheServers(t *testing.T) {
	for name, cause := range map[string]error{"fails": errors.New("broken"), "is cut": http.ErrAbortHandler} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				panicked := any("not served")
				host := apptest.Start(t, func(a *app.Application) {
					app.RoutingCallStarted.Subscribe(a, func(c *app.Call) { c.Endpoint().SetStreams() })
					routing.Routes(a, func(r *routing.Route) {
						r.Get("/", func(c *app.Call) error {
							c.Writer().WriteHeader(http.StatusOK)
							obstacle, _ := c.Obstacle(false)
							assert.Equal(t, app.ObstacleNone, obstacle)
							assert.NoError(t, http.NewResponseController(c.Writer()).Flush())
							c.Detach(&hasty{c, func() { c.EndDetached(0, cause) }})
							return nil
						})
					})
				}, apptest.Engine(engine.HTTPServer(func(server *http.Server) {
					next := server.Handler
					server.Handler = &front.Front{Next: next, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						defer func() { panicked = recover() }()
						next.ServeHTTP(w, r)
					})}
				})))
				response := host.Get("/")
				_, err := io.ReadAll(response.Body)
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				synctest.Wait()
				assert.Nil(t, panicked)
			})
		})
	}
}

// A client may have gone before anybody asks. The context has ended then, and,
// under -race, that is told to nobody while the call still notes who is to hear.
func TestObstacleWhenTheClientHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var served atomic.Int64
		host := apptest.Start(t, func(a *app.Application) {
			app.RoutingCallStarted.Subscribe(a, func(c *app.Call) { c.Endpoint().SetStreams() })
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					time.Sleep(time.Second)
					_, _ = c.Obstacle(false)
					synctest.Wait()
					assert.Error(t, c.Context().Err())
					served.Add(1)
					return nil
				})
			})
		})
		for range 50 {
			conn := host.Dial()
			_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: test\r\n\r\n")
			require.NoError(t, err)
			synctest.Wait()
			require.NoError(t, conn.Close())
			time.Sleep(2 * time.Second)
		}
		assert.Equal(t, int64(50), served.Load())
	})
}
