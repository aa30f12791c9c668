package sse_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// TestARouteOfAnOwnStreamHasNoHeadSentAhead: its request is as it came.
func TestARouteOfAnOwnStreamHasNoHeadSentAhead(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		h := start(t, "HTTP/1.1", func(r *routing.Route) {
			r.Install(sse.Adopt.With(afterTenSeconds))
			r.SSE("/own", func(s *sse.Session) error {
				return s.SendText(s.Call().Request.Header.Get("Accept-Encoding"))
			})
		})
		_, body := h.text(http.MethodGet, "/own", "Accept", "text/event-stream", "Accept-Encoding", "br")
		assert.Equal(t, "data: br\r\n\r\n", body)
	})
}

// TestAnAnsweredCallHasNoHeadSentAhead, and its handler does not run.
func TestAnAnsweredCallHasNoHeadSentAhead(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.Use(func(http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					http.Error(w, "not for you", http.StatusForbidden)
				})
			})
			r.Mount("/foreign", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				assert.Fail(t, "the handler runs")
			})).Install(sse.Adopt.With(afterTenSeconds))
		})
		status, body := h.text(http.MethodGet, "/foreign", "Accept", "text/event-stream")
		assert.Equal(t, "403 not for you\n", fmt.Sprint(status, " ", body))
	})
}

// TestAHandlerWithAHeadAheadHasTheHeaderOfItsAnswer: it finds there what was set
// around it, and may take it away.
func TestAHandlerWithAHeadAheadHasTheHeaderOfItsAnswer(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("X-Kept", "outer")
					w.Header().Set("X-Taken", "outer")
					next.ServeHTTP(w, r)
				})
			})
			adopted(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				assert.Equal(t, "outer", w.Header().Get("X-Kept"))
				w.Header().Del("X-Taken")
				_, _ = io.WriteString(w, "hello")
			}), afterTenSeconds)(r)
		})
		response := h.get("/foreign", "Accept", "text/event-stream")
		assert.Equal(t, []string{"outer"}, response.Header.Values("X-Kept"))
		assert.Empty(t, response.Header.Values("X-Taken"))
	})
}

// TestCompressionAroundAForeignStream has to be asked for, and then takes each flush
// and beat as it does those of an own stream. What is no stream it takes as ever,
// also where a head may be sent ahead.
func TestCompressionAroundAForeignStream(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		configure func(*compression.Config)
		handler   http.Handler
		coding    string
	}{
		"a stream": {func(*compression.Config) {}, foreign{"data: a\n\n", 20 * time.Second}, ""},
		"a stream, asked for": {
			func(c *compression.Config) { c.EventStreams(func(e *compression.EventStreamConfig) { e.Gzip() }) },
			foreign{"data: a\n\n", 20 * time.Second}, "gzip",
		},
		"no stream": {
			func(*compression.Config) {},
			http.HandlerFunc(answer(200, "text/plain", strings.Repeat("long ", 500))), "gzip",
		},
	} {
		for how, adopt := range map[string]func(*sse.AdoptConfig){"": func(*sse.AdoptConfig) {}, ", ahead": afterTenSeconds} {
			t.Run(name+how, func(t *testing.T) {
				t.Parallel()
				inBubble(t, func(t *testing.T) {
					h := startModule(t, "HTTP/1.1", func(a *app.Application) {
						a.Install(sse.Plugin)
						a.Install(compression.Plugin.With(func(c *compression.Config) { c.Gzip(); test.configure(c) }))
						routing.Routes(a, adopted(test.handler, adopt))
					})
					response := h.get("/foreign", "Accept", "text/event-stream", "Accept-Encoding", "gzip")
					assert.Equal(t, test.coding, response.Header.Get("Content-Encoding"))
					body, err := rest(response)
					require.NoError(t, err)
					if test.coding == "" {
						assert.Equal(t, "data: a\n\n"+foreignBeat, body)
					}
				})
			})
		}
	}
}

// TestAStreamBehindAHeadThatBreaksIsCut.
func TestAStreamBehindAHeadThatBreaksIsCut(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, adopted(thinks(streams(func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}).ServeHTTP), afterTenSeconds))
		body, err := rest(h.get("/foreign", "Accept", "text/event-stream"))
		assert.Equal(t, minute+"data: a\n\n", body)
		assertCut(t, protocol, err)
		settle()
		assert.EqualValues(t, 1, h.sessions().Stats().Failed)
	})
}

// TestFailedTellsOfAnAnswerBehindAHead, if the client is still to be told.
func TestFailedTellsOfAnAnswerBehindAHead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		failed func(h *host) sse.Event
		want   string
		cut    bool
	}{
		"an event":          {func(*host) sse.Event { return sse.Event{Data: "failed"} }, "data: failed\r\n\r\n", false},
		"nothing":           {func(*host) sse.Event { return sse.Event{} }, "", false},
		"what cannot be":    {func(*host) sse.Event { return sse.Event{Event: "a\nb"} }, "", true},
		"when it was ended": {func(h *host) sse.Event { h.sessions().CloseAll(); return sse.Event{Data: "failed"} }, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				var h *host
				h = start(t, protocol, adopted(thinks(answer(500, "text/plain", strings.Repeat("x", 70_000))), func(c *sse.AdoptConfig) {
					afterTenSeconds(c)
					c.Failed = func(c *app.Call, failure sse.AdoptFailure) sse.Event {
						assert.Equal(t, "/foreign", c.Route())
						assert.Equal(t, []any{500, "text/plain", 64 << 10}, []any{failure.Status, failure.ContentType, len(failure.Body)})
						return test.failed(h)
					}
				}))
				body, err := rest(h.get("/foreign", "Accept", "text/event-stream"))
				assert.Equal(t, minute+test.want, body)
				if !test.cut {
					require.NoError(t, err)
					return
				}
				assertCut(t, protocol, err)
				settle()
				assert.Len(t, h.log.take("level=ERROR"), 1)
			})
		})
	}
}

// TestAnAnswerToAStopBehindAHeadIsNoEvent: the handler has answered the end of its
// context.
func TestAnAnswerToAStopBehindAHeadIsNoEvent(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, adopted(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			answer(500, "text/plain", "canceled")(w, r)
		}), afterTenSeconds))
		response := h.get("/foreign", "Accept", "text/event-stream")
		assert.Zero(t, h.stop())
		body, err := rest(response)
		require.NoError(t, err)
		assert.Equal(t, foreignBeat, body)
	})
}

// TestARefusedForeignHandlerThatPanics is a mistake, and logged as one.
func TestARefusedForeignHandlerThatPanics(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := startWith(t, protocol, func(c *sse.Config) { c.MaxSessions = 1 }, func(r *routing.Route) {
			adopted(foreign{"data: a\n\n", time.Hour})(r)
			r.Mount("/bad", streams(func(http.ResponseWriter, *http.Request) { panic("out of order") })).Install(sse.Adopt)
		})
		h.get("/foreign")
		assert.Equal(t, http.StatusInternalServerError, h.get("/bad").StatusCode)
		assert.Len(t, h.log.take("level=ERROR"), 1)
	})
}

// TestAHeadAheadHasAPlaceOfItsKey, and waits where there is none.
func TestAHeadAheadHasAPlaceOfItsKey(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := startWith(t, protocol, func(c *sse.Config) {
			c.MaxSessionsPerKey, c.Key = 1, func(c *app.Call) string { return c.Request.Header.Get("X-User") }
		}, adopted(thinks(foreign{"data: a\n\n", time.Hour}.ServeHTTP), afterTenSeconds))
		began := time.Now()
		for i, want := range []struct {
			name   string
			status int
			after  time.Duration
		}{{"ann", 200, 10 * time.Second}, {"ann", 429, 70 * time.Second}, {"bob", 200, 80 * time.Second}} {
			response := h.get("/foreign", "Accept", "text/event-stream", "X-User", want.name)
			assert.Equal(t, want.status, response.StatusCode, i)
			assert.Equal(t, want.after, time.Since(began), i)
		}
	})
}
