package routing_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// A planting is a drawn set of everything that can be declared. What the model
// of Ktor knows nothing of is in it as well: mounts, event streams, several
// handlers of one route, and routes that plugins ask for.
type planting struct {
	choices

	names  map[*routing.Route]string // of what serves there, the first one first
	given  map[*routing.Route]bool   // to which plugins are given
	listed []string
}

var (
	wantingOptions = wanting("options", http.MethodOptions, "")
	wantingHeads   = wanting("heads", http.MethodHead, http.MethodGet)
	wantingBrews   = wanting("brews", "BREW", http.MethodPost)
)

// spellings are pieces that are written as few are.
var spellings = []string{
	"/A", "/%61", "/a%2Fb", "/%2A", "/%25", "/a%20b",
	"/{x:a.b}", "/{x:.*}", "/{x:[%]+}", "/{x:(?i)A}", "/{x:\\w{1,2}}", "~%", "~(?<x>[^/]+)",
}

// plant declares a drawn set.
func (p *planting) plant(a *app.Application) {
	a.Configure(func(config *app.Config) { config.RootPath = p.root })
	a.Install(sse.Plugin)
	if p.ignoresSlash {
		a.Install(routing.IgnoreTrailingSlash)
	}
	if p.oneIn(4) {
		a.Install(wantingHeads)
	}
	p.names, p.given = map[*routing.Route]string{}, map[*routing.Route]bool{}
	routing.Routes(a, func(r *routing.Route) {
		for i := range 1 + p.rand.IntN(7) {
			p.add(r, fmt.Sprint(i))
		}
	})
}

// add declares one route.
func (p *planting) add(r *routing.Route, name string) {
	selectors := p.route()
	if p.rich && p.oneIn(4) {
		selectors = slices.Insert(selectors, p.rand.IntN(1+len(selectors)), pick(p.choices, spellings...))
	}
	said := name + "=" + strings.Join(selectors, " > ")
	ends, anyMethod := false, true
	for _, selector := range selectors {
		if ends && strings.ContainsAny(selector[:1], "/~") {
			return // nothing can follow a tail
		}
		r = step(r, selector)
		ends, anyMethod = ends || isRest(selector), anyMethod && !isMethod(selector)
		if wants := pick(p.choices, wantingOptions, wantingOptions, wantingBrews); p.oneIn(12) && anyMethod && !p.given[r] {
			p.given[r] = true
			r.Install(wants)
			said += " with a plugin at " + r.String()
		}
	}
	shown := shows(name)
	switch kind := p.rand.IntN(8); {
	case kind == 0 && !ends:
		mounted := r.Group(block) // where nothing else is mounted
		r = mounted.Mount("", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			c, _ := app.CallFrom(r.Context())
			_ = shown(c)
		}))
		said += " > mount"
	case kind == 1:
		r = r.SSE("", func(s *sse.Session) error { return s.SendText(name) })
		said += " > stream"
	case kind == 2:
		r.Handle("", func(*app.Call) error { return app.ErrPass }).MayPass().Handle("", shown)
	default:
		r.Handle("", shown)
	}
	if p.names[r] == "" {
		p.names[r] = name
	}
	p.listed = append(p.listed, said)
}

// shows returns a handler that answers with everything that routing tells it.
func shows(name string) app.Handler {
	return func(c *app.Call) error {
		context := chi.RouteContext(c.Request.Context())
		c.Header().Set("X-Handler", name)
		return c.RespondText(fmt.Sprint(name, " ", c.Route(), " ", c.Request.Pattern, " ", context.RoutePattern(), " ",
			context.URLParams, " ", context.RoutePath, " ", c.PathParam("p"), " ", c.PathParam("x"), " ", c.Request.PathValue("*")))
	}
}

// compareDirect asks an application, and the same one with a trace, which walks
// for each call.
func compareDirect(t *testing.T, seed uint64) {
	p := &planting{choices: draw(seed)}
	direct, _ := start(t, p.plant)
	walked := &planting{choices: draw(seed)}
	var last *routing.Resolution
	traced, _ := start(t, walked.plant, func(a *app.Application) {
		routing.Trace(a, func(_ *app.Call, r *routing.Resolution) { last = r })
	})
	for range 16 {
		method := pick(p.choices, http.MethodGet, http.MethodGet, http.MethodPost, http.MethodHead, http.MethodOptions, "BREW", "FOO")
		path := p.path()
		if p.rich && p.oneIn(5) {
			path = pick(p.choices, "/A", "/a%2Fb", "/%2A", "/%25", "/a%20b", "/aXb", "/%2F", "//") + strings.TrimSuffix(path, "/")
		}
		sent, asked := p.ask(t, method, path)
		about := fmt.Sprintf("seed %d: %s %s, failing %v, of\n%s", seed, method, path, asked.fails, strings.Join(p.listed, "\n"))
		want, got := httptest.NewRecorder(), httptest.NewRecorder()
		last = nil
		traced.ServeHTTP(want, sent.Clone(t.Context()))
		direct.ServeHTTP(got, sent)
		require.Equal(t, want.Code, got.Code, about)
		require.Equal(t, want.Body.String(), got.Body.String(), about)
		require.Equal(t, want.Header(), got.Header(), about)
		require.NotNil(t, last, about)
		name := walked.names[last.Route]
		if last.Route == nil || name == "" {
			require.Empty(t, got.Header().Get("X-Handler"), "%s\n%s", about, last)
			require.NotEqual(t, http.StatusOK, got.Code, "%s\n%s", about, last)
			continue
		}
		if handler := got.Header().Get("X-Handler"); handler != "" {
			require.Equal(t, name, handler, "%s\n%s", about, last)
		} else {
			require.Equal(t, "text/event-stream", got.Header().Get("Content-Type"), "%s\n%s", about, last)
		}
	}
}

// TestDirectIsWalked compares what chi finds, and what is found without asking
// chi, with what a walk finds, for everything that can be declared.
func TestDirectIsWalked(t *testing.T) {
	t.Parallel()
	for seed := range *drawn / 2 {
		compareDirect(t, seed)
	}
}

// TestCallsAtOnceAreAnsweredAlike asks one table from many goroutines, for what
// is found in each of its ways.
func TestCallsAtOnceAreAnsweredAlike(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		p := &planting{choices: draw(seed)}
		a, _ := start(t, p.plant)
		var asked []*http.Request
		var want []string
		for range 16 {
			sent, _ := p.ask(t, pick(p.choices, http.MethodGet, http.MethodPost, http.MethodHead, "BREW"), p.path())
			asked, want = append(asked, sent), append(want, said(a, sent))
		}
		var all sync.WaitGroup
		for first := range 4 {
			all.Go(func() {
				for i := range asked {
					at := (first*4 + i) % len(asked)
					assert.Equal(t, want[at], said(a, asked[at]), "seed %d: %s %s", seed, asked[at].Method, asked[at].URL)
				}
			})
		}
		all.Wait()
	}
}

// said returns everything that is answered to a copy of a request.
func said(handler http.Handler, sent *http.Request) string {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, sent.Clone(sent.Context()))
	return fmt.Sprint(recorder.Code, recorder.Header(), recorder.Body)
}
