package sse_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// A foreign is an event stream that is written by hand: pieces are written and
// flushed, and pauses made, in turn.
type foreign []any

const foreignBeat = ": heartbeat\r\n"

// flushOnly is a piece of a foreign stream: a flush of nothing.
type flushOnly struct{}

// unflushed is a piece that is written and not flushed.
type unflushed string

func (f foreign) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "text/event-stream")
	}
	for _, step := range f {
		switch step := step.(type) {
		case string:
			_, _ = io.WriteString(w, step)
			_ = http.NewResponseController(w).Flush()
		case unflushed:
			_, _ = io.WriteString(w, string(step))
		case flushOnly:
			_ = http.NewResponseController(w).Flush()
		case time.Duration:
			select {
			case <-time.After(step):
			case <-r.Context().Done():
				return
			}
		case func(w http.ResponseWriter, r *http.Request):
			step(w, r)
		}
	}
}

// adopted declares a foreign handler that is adopted.
func adopted(handler http.Handler, configure ...func(*sse.AdoptConfig)) func(*routing.Route) {
	return func(r *routing.Route) {
		route := r.Mount("/foreign", handler)
		if len(configure) > 0 {
			route.Install(sse.Adopt.With(configure[0]))
			return
		}
		route.Install(sse.Adopt)
	}
}

// TestAForeignStreamGetsHeartbeatsBetweenItsEvents alone, and nothing else.
func TestAForeignStreamGetsHeartbeatsBetweenItsEvents(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stream foreign
		want   string
	}{
		"idle behind an event": {
			foreign{"data: a\n\n", 40 * time.Second, "data: b\n\n"},
			"data: a\n\n" + foreignBeat + foreignBeat + "data: b\n\n",
		},
		"idle before the first": {
			foreign{flushOnly{}, 20 * time.Second, "data: a\n\n"},
			foreignBeat + "data: a\n\n",
		},
		"idle in an event": {
			foreign{"data: a\nda", 40 * time.Second, "ta: b\n", 40 * time.Second, "\n", 16 * time.Second},
			"data: a\ndata: b\n\n" + foreignBeat,
		},
		"behind half a CRLF": {
			foreign{"data: a\r\n\r", 40 * time.Second, "\ndata: b\r\n\r\n"},
			"data: a\r\n\r\ndata: b\r\n\r\n",
		},
		"lines that end with CR": {
			foreign{"data: a\rdata: b\r\r", 20 * time.Second, "data: c\r\r"},
			"data: a\rdata: b\r\r" + foreignBeat + "data: c\r\r",
		},
		"behind a comment of its own": {
			foreign{"data: a\n\n: own\n", 20 * time.Second, "data: b\n\n"},
			"data: a\n\n: own\n" + foreignBeat + "data: b\n\n",
		},
		"in a comment of its own": {
			foreign{": ow", 20 * time.Second, "n\n\n"},
			": own\n\n",
		},
		"an event without a flush leaves with the beat": {
			foreign{flushOnly{}, unflushed("data: a\n\n"), 20 * time.Second},
			"data: a\n\n" + foreignBeat,
		},
		"flushes of nothing are no activity": {
			foreign{"data: a\n\n", 10 * time.Second, flushOnly{}, 10 * time.Second},
			"data: a\n\n" + foreignBeat,
		},
		"a mark at the start stays":       {foreign{"\xef\xbb", "\xbfdata: a\n\n"}, "\xef\xbb\xbfdata: a\n\n"},
		"a mark behind a beat is dropped": {foreign{flushOnly{}, 20 * time.Second, "\xef\xbb\xbfdata: a\n\n"}, foreignBeat + "data: a\n\n"},
		"half a mark is none":             {foreign{"\xef\xbb", "\xbe: a\n\n"}, "\xef\xbb\xbe: a\n\n"},
		"half a mark and no more":         {foreign{"\xef\xbb"}, "\xef\xbb"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, adopted(test.stream))
				response := h.get("/foreign")
				body, err := rest(response)
				require.NoError(t, err)
				assert.Equal(t, test.want, body)
				assert.Equal(t, http.StatusOK, response.StatusCode)
				assert.Equal(t, "no", response.Header.Get("X-Accel-Buffering"))
				assert.Equal(t, "no-store, no-transform", response.Header.Get("Cache-Control"))
				settle()
				stats := h.sessions().Stats()
				assert.Equal(t, []any{0, uint64(1), uint64(1)}, []any{stats.Open, stats.Opened, stats.Served})
				assert.EqualValues(t, len(body), stats.Bytes)
			})
		})
	}
}

// TestTheHeadOfAForeignStreamIsItsOwn but for what proxies need.
func TestTheHeadOfAForeignStreamIsItsOwn(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		h := start(t, "HTTP/1.1", adopted(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
			w.Header().Set("Cache-Control", "no-cache")
			w.Header().Set("X-Accel-Buffering", "yes")
			w.Header().Set("Mcp-Session-Id", "1")
			w.WriteHeader(http.StatusOK)
		})))
		response := h.get("/foreign")
		assert.Equal(t, "text/event-stream; charset=utf-8", response.Header.Get("Content-Type"))
		assert.Equal(t, "no-cache, no-transform", response.Header.Get("Cache-Control"))
		assert.Equal(t, "yes", response.Header.Get("X-Accel-Buffering"))
		assert.Equal(t, "1", response.Header.Get("Mcp-Session-Id"))
	})
}

// TestWhatIsNoStreamToAdoptIsLeftAlone: its bytes are the handler's, its call has no
// session, and an application that stops lets it be.
func TestWhatIsNoStreamToAdoptIsLeftAlone(t *testing.T) {
	t.Parallel()
	const event = "data: a\n\n"
	set := func(fields ...string) func(w http.ResponseWriter, r *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(fields); i += 2 {
				w.Header().Set(fields[i], fields[i+1])
			}
		}
	}
	status := func(status int) func(w http.ResponseWriter, r *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	for name, test := range map[string]struct {
		stream foreign
		method string
		status int
		body   string
	}{
		"another type":   {foreign{set("Content-Type", "application/json"), event, 20 * time.Second}, "GET", 200, event},
		"another status": {foreign{status(http.StatusAccepted), event, 20 * time.Second}, "GET", 202, event},
		"no content":     {foreign{status(http.StatusNoContent)}, "POST", 204, ""},
		"a length":       {foreign{set("Content-Length", "9"), event, 20 * time.Second}, "GET", 200, event},
		"a coding":       {foreign{set("Content-Encoding", "gzip"), event, 20 * time.Second}, "GET", 200, event},
		"HEAD":           {foreign{event, 20 * time.Second}, "HEAD", 200, ""},
		"nothing":        {foreign{set("Content-Type", "text/plain")}, "GET", 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, adopted(test.stream))
				response := h.open(test.method, "/foreign", nil, "Accept-Encoding", "identity")
				body, err := rest(response)
				require.NoError(t, err)
				assert.Equal(t, test.status, response.StatusCode)
				assert.Equal(t, test.body, body)
				assert.Zero(t, h.sessions().Stats().Opened)
			})
		})
	}
}

// TestAnOwnStreamIsNotAdopted, wherever it comes from.
func TestAnOwnStreamIsNotAdopted(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		h := start(t, "HTTP/1.1", func(r *routing.Route) {
			r.Install(sse.Adopt)
			r.SSE("/own", greet)
			r.Post("/respond", func(c *app.Call) error { return sse.Respond(c, greet) })
		})
		for _, request := range []string{"GET /own", "POST /respond"} {
			method, path, _ := cut(request)
			status, body := h.text(method, path)
			assert.Equal(t, http.StatusOK, status)
			assert.Equal(t, "data: hello\r\n\r\n", body)
		}
		settle()
		assert.EqualValues(t, 2, h.sessions().Stats().Opened)
	})
}

func cut(request string) (method, path string, ok bool) {
	_, err := fmt.Sscan(request, &method, &path)
	return method, path, err == nil
}

// TestAStopEndsAForeignStreamAtOnceAndCleanly, also that of a proxy, whose copy
// fails and panics then.
func TestAStopEndsAForeignStreamAtOnceAndCleanly(t *testing.T) {
	t.Parallel()
	endless := foreign{"data: a\n\n", time.Hour, "data: never\n\n"}
	for name, handler := range map[string]func(t *testing.T) http.Handler{
		"by hand": func(*testing.T) http.Handler { return endless },
		"a proxy": func(t *testing.T) http.Handler { return proxyTo(t, endless) },
		"one that answers its end": func(*testing.T) http.Handler {
			return foreign{"data: a\n\n", time.Hour, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, adopted(handler(t)))
				response := h.get("/foreign")
				settle()
				assert.Zero(t, h.stop())
				body, err := rest(response)
				require.NoError(t, err)
				assert.Equal(t, "data: a\n\n", body)
				stats := h.sessions().Stats()
				assert.Equal(t, []uint64{1, 0}, []uint64{stats.Stopped, stats.Failed})
				lines := h.log.take("the event stream ended")
				require.Len(t, lines, 1)
				assert.Contains(t, lines[0], "events=1 bytes=9")
			})
		})
	}
}

// proxyTo returns a reverse proxy of a server that serves handler.
func proxyTo(t *testing.T, handler http.Handler) http.Handler {
	t.Helper()
	upstream := start(t, "HTTP/1.1", func(r *routing.Route) { r.Mount("/foreign", handler) })
	target, err := url.Parse("http://upstream")
	require.NoError(t, err)
	return &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: upstream.client.Transport,
	}
}

// TestAForeignStreamThatBreaksIsCut: a proxy whose upstream is cut, and a handler
// that panics, must not look as if they had ended.
func TestAForeignStreamThatBreaksIsCut(t *testing.T) {
	t.Parallel()
	breaks := func(value any) foreign {
		return foreign{"data: a\n\n", func(http.ResponseWriter, *http.Request) { panic(value) }}
	}
	for name, test := range map[string]struct {
		handler func(t *testing.T) http.Handler
		logged  int
	}{
		"asks for it":            {func(*testing.T) http.Handler { return breaks(http.ErrAbortHandler) }, 0},
		"panics":                 {func(*testing.T) http.Handler { return breaks("out of order") }, 1},
		"an upstream that broke": {func(t *testing.T) http.Handler { return proxyTo(t, breaks(http.ErrAbortHandler)) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, adopted(test.handler(t)))
				body, err := rest(h.get("/foreign"))
				assert.Equal(t, "data: a\n\n", body)
				assertCut(t, protocol, err)
				settle()
				assert.Len(t, h.log.take("level=ERROR"), test.logged)
				assert.EqualValues(t, 1, h.sessions().Stats().Failed)
			})
		})
	}
}

// TestAForeignStreamHasTheLimitsOfOwnOnes.
func TestAForeignStreamHasTheLimitsOfOwnOnes(t *testing.T) {
	t.Parallel()
	endless := foreign{"data: a\n\n", time.Hour}
	t.Run("MaxSessions", func(t *testing.T) {
		t.Parallel()
		overEach(t, func(t *testing.T, protocol string) {
			h := startWith(t, protocol, func(c *sse.Config) { c.MaxSessions = 1 }, adopted(endless))
			first := h.get("/foreign")
			second := h.get("/foreign")
			assert.Equal(t, http.StatusServiceUnavailable, second.StatusCode)
			assert.Equal(t, "5", second.Header.Get("Retry-After"))
			body, err := rest(second)
			require.NoError(t, err)
			assert.Equal(t, "too many event streams are open", body)
			h.sessions().CloseAll()
			_, err = rest(first)
			require.NoError(t, err)
			settle()
			assert.Equal(t, http.StatusOK, h.get("/foreign").StatusCode, "there is room again")
		})
	})
	for name, test := range map[string]struct {
		configure func(*sse.Config)
		after     time.Duration
		count     func(sse.Stats) uint64
	}{
		"MaxAge": {func(c *sse.Config) { c.MaxAge = 10 * time.Second }, 10 * time.Second, func(s sse.Stats) uint64 { return s.TooOld }},
		"Until": {
			func(c *sse.Config) {
				c.Until = func(*app.Call) (time.Time, bool) { return time.Now().Add(10 * time.Second), true }
			},
			10 * time.Second, func(s sse.Stats) uint64 { return s.Expired },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := startWith(t, protocol, test.configure, adopted(endless))
				began := time.Now()
				body, err := rest(h.get("/foreign"))
				require.NoError(t, err)
				assert.Equal(t, "data: a\n\n", body)
				assert.LessOrEqual(t, time.Since(began), test.after)
				settle()
				assert.EqualValues(t, 1, test.count(h.sessions().Stats()))
			})
		})
	}
	t.Run("WriteTimeout", func(t *testing.T) {
		t.Parallel()
		overEach(t, func(t *testing.T, protocol string) {
			ended := make(chan time.Duration, 1)
			h := startWith(t, protocol, func(c *sse.Config) { c.WriteTimeout = 7 * time.Second },
				adopted(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					began := time.Now()
					w.Header().Set("Content-Type", "text/event-stream")
					for {
						if _, err := w.Write(make([]byte, 16<<10)); err != nil {
							assert.ErrorIs(t, err, sse.ErrWriteTimeout)
							assert.Error(t, r.Context().Err())
							ended <- time.Since(began)
							return
						}
					}
				})))
			h.get("/foreign") // and does not read
			assert.Equal(t, 7*time.Second, <-ended)
			settle()
			assert.EqualValues(t, 1, h.sessions().Stats().WriteTimeouts)
			h.log.take("level=ERROR")
		})
	})
}

// TestTheSessionOfAForeignStreamIsWatchedAndEnded like others, but nothing can be
// put into it.
func TestTheSessionOfAForeignStreamIsWatchedAndEnded(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		var hub *sse.Hub
		cause := make(chan error, 1)
		h := startModule(t, "HTTP/1.1", func(a *app.Application) {
			hub = sse.NewHub(a)
			a.Install(sse.Plugin.With(func(c *sse.Config) {
				c.LastEvent = func(*sse.Session, error) sse.Event { return sse.Event{Data: "bye"} }
				c.Heartbeat()
			}))
			routing.Routes(a, adopted(foreign{"data: a\n\n", time.Hour}))
		})
		response := h.get("/foreign", "Last-Event-ID", "7")
		settle()
		for s := range h.sessions().All() {
			assert.Equal(t, "/foreign", s.Call().Route())
			assert.Equal(t, "7", s.LastEventID())
			events, bytes := s.Sent()
			assert.Equal(t, []int64{1, 9}, []int64{events, bytes})
			assert.ErrorContains(t, s.SendText("mine"), "written by a handler of its own")
			assert.ErrorContains(t, s.SendFrom(ready(sse.Event{Data: "mine"})), "written by a handler of its own")
			assert.ErrorContains(t, hub.Join(s, "news"), "written by a handler of its own")
			assert.ErrorContains(t, s.Deliver([]sse.Event{{Data: "mine"}}), "written by a handler of its own")
			assert.ErrorContains(t, s.Mark("7"), "written by a handler of its own")
			s.Heartbeat(every(time.Second, "mine"))
			s.OnEnd(func(err error) { cause <- err })
			s.End(assert.AnError)
		}
		body, err := rest(response)
		require.NoError(t, err)
		assert.Equal(t, "data: a\n\n", body)
		assert.ErrorIs(t, <-cause, assert.AnError)
		settle()
		assert.EqualValues(t, 1, h.sessions().Stats().Ended)
	})
}

func ready(events ...sse.Event) <-chan sse.Event {
	channel := make(chan sse.Event, len(events))
	for _, event := range events {
		channel <- event
	}
	return channel
}

// TestAClientThatGoesEndsAForeignStream.
func TestAClientThatGoesEndsAForeignStream(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		told := make(chan error, 1)
		h := start(t, protocol, adopted(foreign{"data: a\n\n", func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			told <- r.Context().Err()
		}}))
		h.get("/foreign").Body.Close()
		assert.ErrorIs(t, <-told, context.Canceled)
		settle()
		assert.EqualValues(t, 1, h.sessions().Stats().ClientsGone)
	})
}

// TestAdoptOnAllRoutesLeavesAnswersAsTheyAre.
func TestAdoptOnAllRoutesLeavesAnswersAsTheyAre(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		h := start(t, "HTTP/1.1", func(r *routing.Route) {
			r.Install(sse.Adopt)
			r.Get("/text", func(c *app.Call) error { return c.RespondText("hello") })
			r.Get("/status", func(c *app.Call) error { return c.RespondStatus(http.StatusTeapot) })
			r.Get("/error", func(*app.Call) error { return app.NewError(http.StatusConflict, "taken") })
			r.Get("/silent", func(*app.Call) error { return nil })
			r.Get("/hand", func(c *app.Call) error {
				c.Header().Set("Content-Type", "text/event-stream")
				_, err := io.WriteString(c.Writer(), "data: by hand\n\n")
				return err
			})
		})
		for path, want := range map[string]string{
			"/text": "200 hello", "/status": "418 ", "/error": "409 taken", "/silent": "404 ", "/hand": "200 data: by hand\n\n",
		} {
			status, body := h.text(http.MethodGet, path)
			assert.Equal(t, want, fmt.Sprint(status, " ", body), path)
		}
		settle()
		assert.EqualValues(t, 1, h.sessions().Stats().Opened)
	})
}

func TestAdoptNeedsThePluginAndSettingsThatMakeSense(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		module app.Module
		want   string
	}{
		"without the plugin": {
			func(a *app.Application) { routing.Routes(a, adopted(foreign{})) },
			"the plugin SSE is not installed: call a.Install(sse.Plugin)",
		},
		"negative": {
			func(a *app.Application) {
				a.Install(sse.Plugin)
				a.Install(sse.Adopt.With(func(c *sse.AdoptConfig) { c.Heartbeat, c.HeadAfter = -1, -1 }))
			},
			"Heartbeat is negative",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.ErrorContains(t, app.New(test.module).Start(t.Context()), test.want)
		})
	}
}
