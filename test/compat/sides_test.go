package compat_test

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// place says where a middleware stands.
type place string

const (
	onApplication place = "application" // a.Use, and Use of a chi router
	onRoute       place = "route"       // r.Use, and Use of a chi group: after a match
)

// A subject is a middleware as it stands in one server.
type subject struct {
	wrap   func(http.Handler) http.Handler
	see    func(*http.Request) string // what a handler can read of it; nil for nothing
	report func() []string            // what it has noted outside the response; nil for nothing
	close  func()                     // ends its goroutines; nil for none
}

// routesOf returns the chi router that serves a request, for middlewares that
// ask for it.
type routesOf func(*http.Request) *chi.Mux

// A side is one of the two servers that are compared, with a client.
type side struct {
	t       *testing.T
	client  *http.Client
	url     string
	subject *subject
	prepare func(*http.Request)

	gate chan struct{} // closed: handlers that wait go on
	once sync.Once
}

func newSide(t *testing.T, subject subject, prepare func(*http.Request)) *side {
	if subject.see == nil {
		subject.see = func(*http.Request) string { return "" }
	}
	if subject.report == nil {
		subject.report = func() []string { return nil }
	}
	if subject.close != nil {
		t.Cleanup(subject.close)
	}
	return &side{t: t, subject: &subject, prepare: prepare, gate: make(chan struct{})}
}

func (s *side) letGo() { s.once.Do(func() { close(s.gate) }) }

// wait waits until the test lets the handlers go on, or ctx ends.
func (s *side) wait(ctx context.Context) {
	select {
	case <-s.gate:
	case <-ctx.Done():
	}
}

const (
	textType  = "text/plain; charset=UTF-8"
	notCached = "no-store, no-transform" // of an event stream, unless a middleware has set another
)

func large() string { return strings.Repeat("a line of a large text\n", 5000) }

// mounted is a handler of net/http for everything below /mounted.
func (s *side) mounted() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", textType)
		w.Header().Set("X-Mounted", "yes")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, r.Method+" "+r.URL.Path+s.subject.see(r))
	})
}

// errTeapot is what the handler of /teapot fails with.
var errTeapot = errors.New("short and stout")

// bareChi is the application on chi and net/http alone.
func bareChi(t *testing.T, row middlewareRow, at place) *side {
	s, handler := bareHandler(t, row, at)
	listener := memnet.Listen()
	s.serve(handler, listener)
	s.dial(&http.Transport{DialContext: listener.DialContext})
	return s
}

func bareHandler(t *testing.T, row middlewareRow, at place) (*side, http.Handler) {
	mux := chi.NewRouter()
	s := newSide(t, row.make(func(*http.Request) *chi.Mux { return mux }), row.prepare)
	if at == onApplication {
		mux.Use(s.subject.wrap)
		s.declareChi(mux)
	} else {
		mux.Group(func(r chi.Router) {
			r.Use(s.subject.wrap)
			s.declareChi(r)
		})
	}
	return s, mux
}

// serve serves a handler until the test ends.
func (s *side) serve(handler http.Handler, listener net.Listener) {
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	s.t.Cleanup(func() {
		s.letGo()
		require.NoError(s.t, server.Close())
		require.ErrorIs(s.t, <-served, http.ErrServerClosed)
		time.Sleep(time.Second) // of a synctest bubble: a connection that is cut lingers
	})
}

// dial gives the side a client.
func (s *side) dial(transport *http.Transport) {
	transport.DisableCompression = true
	s.url = "http://localhost"
	s.client = &http.Client{Transport: transport, CheckRedirect: stay}
	s.t.Cleanup(transport.CloseIdleConnections)
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (s *side) declareChi(r chi.Router) {
	text := func(w http.ResponseWriter, status int, text string) {
		w.Header().Set("Content-Type", textType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
	r.Get("/text", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "text") })
	r.Get("/large", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, large()) })
	r.Get("/seen", func(w http.ResponseWriter, r *http.Request) { text(w, http.StatusOK, s.subject.see(r)) })
	r.Get("/teapot", func(w http.ResponseWriter, _ *http.Request) {
		text(w, http.StatusTeapot, errTeapot.Error())
	})
	r.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("broken") })
	r.Get("/broken", func(w http.ResponseWriter, _ *http.Request) {
		text(w, http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError))
	})
	r.Post("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			text(w, http.StatusRequestEntityTooLarge, http.StatusText(http.StatusRequestEntityTooLarge))
			return
		}
		text(w, http.StatusOK, string(body))
	})
	r.Mount("/mounted", s.mounted())
	r.Get("/events", func(w http.ResponseWriter, r *http.Request) {
		controller := http.NewResponseController(w)
		for name, value := range map[string]string{"Cache-Control": notCached, "X-Accel-Buffering": "no"} {
			if w.Header().Get(name) == "" {
				w.Header().Set(name, value)
			}
		}
		w.Header().Set("Content-Type", "text/event-stream")
		first := "data: one" + s.subject.see(r) + "\r\n\r\n"
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, first)
		if err := controller.Flush(); err != nil {
			return
		}
		s.wait(r.Context())
		_, _ = io.WriteString(w, "data: two\r\n\r\n")
	})
	r.Get("/socket", echoByCoder)
	r.Get("/silent", func(_ http.ResponseWriter, r *http.Request) { s.wait(r.Context()) })
	r.Get("/late", func(w http.ResponseWriter, r *http.Request) {
		if s.wait(r.Context()); r.Context().Err() != nil {
			text(w, http.StatusGatewayTimeout, http.StatusText(http.StatusGatewayTimeout))
			return
		}
		text(w, http.StatusOK, "in time")
	})
}

// chitor is the same application on Chitor, with what most applications install.
func chitor(t *testing.T, row middlewareRow, at place) *side {
	s, module := chitorModule(t, row, at)
	host := apptest.Start(t, module, apptest.Engine(quietly()))
	s.url = host.URL
	s.client = host.NewClient(apptest.NoRedirects()).HTTP()
	t.Cleanup(s.letGo)
	return s
}

func quietly() engine.Option { return engine.Logger(slog.New(slog.DiscardHandler)) }

// muxOf returns the router of the application that serves a request.
func muxOf(r *http.Request) *chi.Mux {
	c, ok := app.CallFrom(r.Context())
	if !ok {
		return nil
	}
	routes, _ := routing.Mux(c.Application())
	mux, _ := routes.(*chi.Mux)
	return mux
}

func chitorModule(t *testing.T, row middlewareRow, at place) (*side, app.Module) {
	s := newSide(t, row.make(muxOf), row.prepare)
	return s, func(a *app.Application) {
		install(a)
		if at == onApplication {
			a.Use(s.subject.wrap)
		}
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/", func(r *routing.Route) {
				if at == onRoute {
					r.Use(s.subject.wrap)
				}
				s.declare(r)
			})
		})
	}
}

func install(a *app.Application) {
	a.Install(sse.Plugin)
	a.Install(compression.Plugin)
	a.Install(calllogging.Plugin)
	a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
		c.ExceptionFunc(func(cause error) bool { return errors.Is(cause, errTeapot) },
			func(c *app.Call, cause error) error {
				c.SetStatus(http.StatusTeapot)
				return c.RespondText(cause.Error())
			})
		c.Status(http.StatusNotFound, func(c *app.Call, _ int) error {
			http.NotFound(c.Writer(), c.Request)
			return nil
		})
	}))
}

func (s *side) declare(r *routing.Route) {
	r.Get("/text", func(c *app.Call) error { return c.RespondText("text") })
	r.Get("/large", func(c *app.Call) error { return c.RespondText(large()) })
	r.Get("/seen", func(c *app.Call) error { return c.RespondText(s.subject.see(c.Request)) })
	r.Get("/teapot", func(*app.Call) error { return errTeapot })
	r.Get("/panic", func(*app.Call) error { panic("broken") })
	r.Get("/broken", func(*app.Call) error { return errors.New("broken") })
	r.Post("/echo", func(c *app.Call) error {
		text, err := c.ReceiveText()
		if err != nil {
			return err
		}
		return c.RespondText(text)
	})
	r.Mount("/mounted", s.mounted())
	r.SSE("/events", func(session *sse.Session) error {
		if err := session.SendText("one" + s.subject.see(session.Call().Request)); err != nil {
			return err
		}
		s.wait(session.Context())
		return session.SendText("two")
	})
	r.Get("/socket", func(c *app.Call) error {
		echoByCoder(c.Writer(), c.Request)
		return nil
	})
	r.Get("/silent", func(c *app.Call) error {
		s.wait(c.Context())
		return nil
	})
	r.Get("/late", func(c *app.Call) error {
		if s.wait(c.Context()); c.Context().Err() != nil {
			return c.Context().Err()
		}
		return c.RespondText("in time")
	})
}
