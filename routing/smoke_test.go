package routing_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestSmoke(t *testing.T) {
	a := app.New(func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText("root") })
			r.Route("/api", func(r *routing.Route) {
				r.Get("/users/{id}", func(c *app.Call) error {
					return c.RespondText(c.PathParam("id") + chi.URLParam(c.Request, "id") + c.Request.Pattern)
				})
				r.Mount("/legacy", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, chi.RouteContext(r.Context()).RoutePath) }))
			})
			r.SSE("/events", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) { h.Period = time.Millisecond; h.Event = sse.Event{Data: "beat"} })
				for i := range 3 {
					if err := s.SendText(fmt.Sprint(i)); err != nil {
						return err
					}
					if err := s.Delay(time.Millisecond); err != nil {
						return err
					}
				}
				return nil
			})
		})
	})
	require.NoError(t, a.Start(context.Background()))
	server := httptest.NewServer(a)
	defer server.Close()
	for _, path := range []string{"/", "/api/users/7", "/api/users/a%2Fb", "/api/legacy/x/y", "/api/legacy", "/nope", "/events"} {
		r, err := http.Get(server.URL + path)
		require.NoError(t, err)
		b, err := io.ReadAll(r.Body)
		r.Body.Close()
		t.Logf("%s: %d %v %q %v", path, r.StatusCode, r.Header, b, err)
	}
	r, err := http.Post(server.URL+"/events", "", nil)
	require.NoError(t, err)
	r.Body.Close()
	t.Log(r.StatusCode, r.Header)
	require.NoError(t, a.Stop(context.Background()))
}
