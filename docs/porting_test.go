// Package docs_test holds the code that the pages beside it show.
package docs_test

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

var page = template.Must(template.New("page").Parse(`<h1>{{.}}</h1>`))

var userKey = app.NewKey[string]("user")

func usersPage(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Route("/users", func(r *routing.Route) {
			r.Get("", func(c *app.Call) error { return c.RespondText("all of them") })
			r.Get("/{id}", func(c *app.Call) error {
				id, err := app.PathParam[int](c, "id") // 400, naming the parameter
				if err != nil {
					return err
				}
				return c.RespondText(fmt.Sprintf("user %d", id))
			})
			r.Post("", func(c *app.Call) error {
				form, err := c.ReceiveForm()
				if err != nil {
					return err
				}
				c.SetStatus(http.StatusCreated)
				return c.RespondText("hello " + form.Get("name"))
			})
			r.Delete("/{id}", func(c *app.Call) error {
				return app.NewError(http.StatusNotFound, "no such user")
			})
		})
	})
}

func answers(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/text", func(c *app.Call) error { return c.RespondText("text") })
		r.Get("/bytes", func(c *app.Call) error { return c.RespondBytes([]byte{1, 2, 3}) })
		r.Get("/status", func(c *app.Call) error { return c.RespondStatus(http.StatusNoContent) })
		r.Get("/redirect", func(c *app.Call) error { return c.RespondRedirect("/text") })
		r.Get("/html", func(c *app.Call) error { return c.RespondHTML(page, "Chitor") })
		r.Get("/writer", func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error {
				_, err := io.WriteString(w, "written")
				return err
			}))
		})
		r.Get("/cookie", func(c *app.Call) error {
			if err := c.SetCookie(&http.Cookie{Name: "seen", Value: "yes"}); err != nil {
				return err
			}
			c.Header().Set("X-Custom", "value")
			return c.RespondText("set")
		})
	})
}

func interceptors(a *app.Application) {
	a.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
		return func(c *app.Call) error {
			userKey.Set(c, "guest")
			return next(c) // proceed()
		}
	})
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/who", func(c *app.Call) error {
			user, _ := userKey.Get(c)
			return c.RespondText(user)
		})
	})
}

func streams(a *app.Application) {
	a.Install(sse.Plugin)
	a.Install(compression.Plugin.With(func(c *compression.Config) {
		c.Gzip()
		c.MinimumSize(1024)
	}))
	routing.Routes(a, func(r *routing.Route) {
		r.SSE("/clock", func(s *sse.Session) error {
			s.Heartbeat(func(h *sse.HeartbeatConfig) { h.Period = 15 * time.Second })
			for tick := range 3 {
				if err := s.Send(sse.Event{Event: "tick", ID: fmt.Sprint(tick), Data: "now"}); err != nil {
					return err
				}
				if err := s.Delay(time.Second); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func lifecycle(a *app.Application) {
	a.OnStart(func(ctx context.Context) error { return ctx.Err() })
	a.OnStopPreparing(func() { a.Logger().Info("stopping") })
	a.OnStop(func(context.Context) error { return nil })
	a.Go(func(ctx context.Context) error { // launch { } in the application
		<-ctx.Done()
		return nil
	})
}

func TestUsers(t *testing.T) {
	host := apptest.Start(t, usersPage)
	assert.Equal(t, "all of them", apptest.Text(t, host.Get("/users")))
	assert.Equal(t, "user 7", apptest.Text(t, host.Get("/users/7")))
	assert.Equal(t, "path parameter id cannot be read", apptest.Text(t, host.Get("/users/x")))
	created := host.Post("/users", "application/x-www-form-urlencoded", strings.NewReader("name=Jet"))
	assert.Equal(t, http.StatusCreated, created.StatusCode)
	assert.Equal(t, "hello Jet", apptest.Text(t, created))
	assert.Equal(t, http.StatusNotFound, host.Do(http.MethodDelete, "/users/7", nil).StatusCode)
}

func TestAnswers(t *testing.T) {
	host := apptest.Start(t, answers)
	for path, want := range map[string]string{
		"/text": "text", "/bytes": "\x01\x02\x03", "/status": "", "/redirect": "text", "/html": "<h1>Chitor</h1>", "/writer": "written",
		"/cookie": "set",
	} {
		assert.Equal(t, want, apptest.Text(t, host.Get(path)), path)
	}
	response := host.Get("/cookie")
	assert.Equal(t, "seen=yes", response.Header.Get("Set-Cookie"))
	assert.Equal(t, "value", response.Header.Get("X-Custom"))
}

func TestInterceptors(t *testing.T) {
	assert.Equal(t, "guest", apptest.Text(t, apptest.Start(t, interceptors).Get("/who")))
}

func TestStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, streams)
		ticks := 0
		for event := range ssetest.Events(t, host.Get("/clock").Body) {
			assert.Equal(t, "tick", event.Event)
			ticks++
		}
		assert.Equal(t, 3, ticks)
	})
}

func TestLifecycle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := engine.EmbeddedServer(lifecycle, engine.Host("127.0.0.1"), engine.Port(0))
		application := server.Application()
		require.NoError(t, application.Start(t.Context()))
		require.NoError(t, application.Stop(t.Context()))
		require.ErrorIs(t, context.Cause(application.Context()), app.ErrStopping)
	})
}
