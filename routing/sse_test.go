package routing_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// A printer takes what a logger of chi's prints.
type printer func(line string)

func (p printer) Print(values ...any) { p(fmt.Sprint(values...)) }

func TestSSEAnswersGetAndHead(t *testing.T) {
	t.Parallel()
	served := 0
	a := streams(t, func(r *routing.Route) {
		r.SSE("/events", func(s *sse.Session) error {
			served++
			return s.SendText("hello")
		})
	})
	got := ask(t, a, "GET /events")
	assert.Equal(t, http.StatusOK, got.status)
	assert.Equal(t, event("hello"), got.body)
	header := http.Header{
		"Content-Type": {"text/event-stream"}, "Cache-Control": {"no-store, no-transform"}, "X-Accel-Buffering": {"no"},
	}
	assert.Equal(t, header, got.header)
	got = ask(t, a, "HEAD /events")
	assert.Equal(t, http.StatusOK, got.status)
	assert.Empty(t, got.body)
	assert.Equal(t, header, got.header)
	assert.Equal(t, 1, served, "HEAD gets the head alone")
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		got = ask(t, a, method+" /events")
		assert.Equal(t, http.StatusMethodNotAllowed, got.status, method)
		assert.Equal(t, "GET, HEAD", got.header.Get("Allow"), method)
	}
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /events/").status)
}

func TestSSEReturnsItsRoute(t *testing.T) {
	t.Parallel()
	type key struct{}
	a := streams(t, func(r *routing.Route) {
		route := r.Route("/users/{id}", func(*routing.Route) {}).SSE("/events", func(s *sse.Session) error {
			value, _ := s.Context().Value(key{}).(string)
			return s.SendText(value + s.Call().PathParam("id") + " " + s.Call().Route())
		})
		assert.Equal(t, "/users/{id}/events", route.String())
		route.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, "user ")))
			})
		})
	})
	assert.Equal(t, event("user 7 /users/{id}/events"), ask(t, a, "GET /users/7/events").body)
}

func TestSSEWithEveryKindOfPath(t *testing.T) {
	t.Parallel()
	a := streams(t, func(r *routing.Route) {
		r.SSE("", sending("root"))
		r.Route("/here", func(r *routing.Route) { r.SSE("", sending("here")) })
		r.Route("/slash", func(r *routing.Route) { r.SSE("/", sending("slash")) })
		r.SSE("/any/*/one", sending("one"))
		r.SSE("/files/{path...}", func(s *sse.Session) error { return s.SendText(s.Call().PathParam("path")) })
	})
	for path, want := range map[string]string{
		"/": "root", "/here": "here", "/slash/": "slash", "/any/x/one": "one", "/files/a/b": "a/b", "/files": "",
	} {
		assert.Equal(t, event(want), ask(t, a, "GET "+path).body, path)
		assert.Equal(t, http.StatusOK, ask(t, a, "HEAD "+path).status, path)
	}
}

func TestSSELeavesOtherMethodsOfItsPathAlone(t *testing.T) {
	t.Parallel()
	a := streams(t, func(r *routing.Route) {
		r.SSE("/events", sending("stream"))
		r.Post("/events", text("posted"))
		r.Head("/events", func(c *app.Call) error { return c.RespondStatus(http.StatusTeapot) })
		r.SSE("/any", sending("stream"))
		r.Handle("/any", text("any"))
	})
	assert.Equal(t, event("stream"), ask(t, a, "GET /events").body)
	assert.Equal(t, "posted", ask(t, a, "POST /events").body)
	assert.Equal(t, http.StatusTeapot, ask(t, a, "HEAD /events").status, "a handler for HEAD itself comes first")
	assert.Equal(t, event("stream"), ask(t, a, "GET /any").body)
	assert.Equal(t, "any", ask(t, a, "POST /any").body)
	assert.Equal(t, "text/plain; charset=UTF-8", ask(t, a, "HEAD /any").header.Get("Content-Type"), "so does one for any method")
}

func TestSSEAfterAHandlerThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	a := streams(t, func(r *routing.Route) {
		r.Get("/events", func(c *app.Call) error {
			if c.QueryParam("token") == "" {
				return app.NewError(http.StatusUnauthorized, "no token")
			}
			return nil
		})
		r.SSE("/events", sending("stream"))
	})
	got := ask(t, a, "GET /events")
	assert.Equal(t, http.StatusUnauthorized, got.status)
	assert.Equal(t, "no token", got.body)
	assert.Equal(t, event("stream"), ask(t, a, "GET /events?token=x").body)
}

func TestSSEOptionsReachTheStream(t *testing.T) {
	t.Parallel()
	a := streams(t, func(r *routing.Route) {
		r.SSE("/json", func(s *sse.Session) error { return s.SendValue([]string{"<&>"}) }, sse.Serialize(sse.JSON))
	})
	assert.Equal(t, event(`["<&>"]`), ask(t, a, "GET /json").body)
}

func TestSSEWithoutThePluginIsAMistake(t *testing.T) {
	t.Parallel()
	var first, second app.Site
	said := mistakes(t, func(r *routing.Route) {
		first = app.Caller(0)
		r.SSE("/one", sending("one"))
		r.Route("/two", func(r *routing.Route) {
			second = app.Caller(0)
			r.SSE("/{id}", sending("two"))
		})
		r.Get("/text", text("text"))
	})
	first.Line, second.Line = first.Line+1, second.Line+1
	const reason = ": the plugin SSE is not installed: call a.Install(sse.Plugin)"
	assert.Equal(t, first.String()+": route GET /one"+reason+"\n"+second.String()+": route GET /two/{id}"+reason, said)
}

func TestSSEBehindMiddlewaresOfChi(t *testing.T) {
	t.Parallel()
	var logged []string
	logger := middleware.RequestLogger(&middleware.DefaultLogFormatter{Logger: printer(func(line string) {
		logged = append(logged, line)
	}), NoColor: true})
	a := streams(t, func(r *routing.Route) {
		r.Use(middleware.RequestID, logger, middleware.Recoverer)
		r.Route("/api", func(r *routing.Route) {
			r.Use(middleware.Compress(5), middleware.NoCache, middleware.SetHeader("X-Api", "1"))
			r.SSE("/events", sending("hello"))
		})
	})
	got := ask(t, a, "GET /api/events", "Accept-Encoding", "gzip")
	assert.Equal(t, http.StatusOK, got.status)
	assert.Equal(t, event("hello"), got.body)
	assert.Empty(t, got.header.Get("Content-Encoding"))
	assert.Equal(t, "1", got.header.Get("X-Api"))
	assert.Equal(t, []string{"no-cache, no-store, no-transform, must-revalidate, private, max-age=0"}, got.header.Values("Cache-Control"),
		"what is set already stays")
	require.Len(t, logged, 1)
	assert.Contains(t, logged[0], "- 200 15B in ")
}
