package sse_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
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
		h := startModule(t, protocol, func(a *app.Application) {
			a.Install(sse.Plugin)
			a.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					assert.NoError(t, c.RespondText("not for you"))
					return next(c)
				}
			})
			a.Install(sse.Adopt.With(afterTenSeconds))
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/foreign", func(*app.Call) error {
					assert.Fail(t, "the handler runs")
					return nil
				})
			})
		})
		status, body := h.text(http.MethodGet, "/foreign", "Accept", "text/event-stream")
		assert.Equal(t, "200 not for you", fmt.Sprint(status, " ", body))
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

// A fileTaker is the writer of a server that takes files.
type fileTaker struct {
	*httptest.ResponseRecorder
	taken int64
}

func (w *fileTaker) ReadFrom(r io.Reader) (n int64, err error) {
	n, err = io.Copy(w.ResponseRecorder, r)
	w.taken += n
	return n, err
}

// TestAFileOfAHandlerThatIsAdopted goes to the server without a copy, unless it is
// an event stream.
func TestAFileOfAHandlerThatIsAdopted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat(": long\n", 1000)), 0o600))
	for contentType, direct := range map[string]bool{"text/plain": true, "text/event-stream": false} {
		t.Run(contentType, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				h := start(t, "HTTP/1.1", adopted(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					file, err := os.Open(path)
					assert.NoError(t, err)
					defer file.Close()
					w.Header().Set("Content-Type", contentType)
					sent, err := io.Copy(w, file)
					assert.NoError(t, err)
					assert.EqualValues(t, 7000, sent)
				})))
				w := &fileTaker{ResponseRecorder: httptest.NewRecorder()}
				h.application.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/foreign", nil))
				assert.Equal(t, 7000, w.Body.Len())
				assert.Equal(t, direct, w.taken > 0)
			})
		})
	}
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
		settle() // or the stop comes between the head and its comment
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

// TestAnAbortOfAForeignHandlerWhoseClientHasGone is no failure, and logged: whoever
// of the two comes first.
func TestAnAbortOfAForeignHandlerWhoseClientHasGone(t *testing.T) {
	t.Parallel()
	const streamsOpen = 100
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, adopted(streams(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		})))
		for range streamsOpen {
			h.get("/foreign").Body.Close()
		}
		settle()
		stats := h.sessions().Stats()
		assert.Equal(t, []uint64{streamsOpen, 0}, []uint64{stats.ClientsGone, stats.Failed})
		assert.Len(t, h.log.take("the event stream ended"), streamsOpen)
	})
}

// TestAFlushIsActivityIfThereIsSomethingToSend: the next beat is due from there on,
// and neither it nor a write of before is under way any more.
func TestAFlushIsActivityIfThereIsSomethingToSend(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := startWith(t, protocol, func(c *sse.Config) { c.WriteTimeout = 7 * time.Second }, func(r *routing.Route) {
			adopted(foreign{unflushed("data: a\n\n"), 10 * time.Second, flushOnly{}, 10 * time.Second})(r)
			r.Mount("/written", foreign{"data: a\n\n", unflushed("data: b\n"), time.Hour}).Install(sse.Adopt)
			r.Mount("/flushed", foreign{"data: a\n", time.Hour}).Install(sse.Adopt)
		})
		body, err := rest(h.get("/foreign"))
		require.NoError(t, err)
		assert.Equal(t, "data: a\n\n", body)
		for _, path := range []string{"/written", "/flushed"} {
			response := h.get(path)
			elapse(time.Minute)
			response.Body.Close()
		}
		settle()
		assert.EqualValues(t, 2, h.sessions().Stats().ClientsGone)
	})
}

// TestAFlushThatNobodyTakes is cut by WriteTimeout as a write is.
func TestAFlushThatNobodyTakes(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		failed := make(chan error, 1)
		h := startWith(t, protocol, func(c *sse.Config) { c.WriteTimeout = 7 * time.Second },
			adopted(streams(func(w http.ResponseWriter, _ *http.Request) {
				for {
					_, err := w.Write(make([]byte, 1<<10)) // which the server keeps until the flush
					assert.NoError(t, err)
					if err := http.NewResponseController(w).Flush(); err != nil {
						failed <- err
						return
					}
				}
			})))
		h.get("/foreign") // and does not read
		assert.ErrorIs(t, <-failed, sse.ErrWriteTimeout)
		settle()
		assert.EqualValues(t, 1, h.sessions().Stats().WriteTimeouts)
	})
}

// TestHalfAMarkOfAStreamThatWasClosed does not leave any more.
func TestHalfAMarkOfAStreamThatWasClosed(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, adopted(foreign{"\xef\xbb", time.Hour}))
		response := h.get("/foreign")
		settle()
		h.sessions().CloseAll()
		body, err := rest(response)
		require.NoError(t, err)
		assert.Empty(t, body)
	})
}

// TestHintsWhereAHeadMayBeSentAhead do not leave: their header is not the
// response's, whose head another goroutine may send meanwhile.
func TestHintsWhereAHeadMayBeSentAhead(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		h := start(t, "HTTP/1.1", adopted(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "</style.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			begins(w, r)
		}), afterTenSeconds))
		conn, _ := h.dial()
		request(t, conn, "GET /foreign HTTP/1.1", "Host: test", "Accept: text/event-stream")
		assert.True(t, strings.HasPrefix(arrived(t, conn), "HTTP/1.1 200 "))
	})
}

// TestNoTransformOfAForeignStream is added to what it says of caches, once.
func TestNoTransformOfAForeignStream(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"max-age=0, no-transform": "max-age=0, no-transform",
		"No-Transform":            "No-Transform",
		"private":                 "private, no-transform",
	} {
		inBubble(t, func(t *testing.T) {
			h := start(t, "HTTP/1.1", adopted(foreign{func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Cache-Control", said)
			}, "data: a\n\n"}))
			assert.Equal(t, []string{want}, h.get("/foreign").Header.Values("Cache-Control"))
		})
	}
}

// TestAHeadOfAForeignStreamThatFails tells its handler at once.
func TestAHeadOfAForeignStreamThatFails(t *testing.T) {
	t.Parallel()
	for name, configure := range map[string]func(*sse.AdoptConfig){"": func(*sse.AdoptConfig) {}, "ahead": afterTenSeconds} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				told := make(chan time.Duration, 1)
				h := startModule(t, protocol, func(a *app.Application) {
					a.Install(sse.Plugin)
					a.Install(app.NewPlugin("Bad", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
						b.OnBodyReady(func(*app.Call, *app.Outgoing) error { return assert.AnError })
						return nil
					}))
					routing.Routes(a, adopted(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						began := time.Now()
						if name == "" {
							w.Header().Set("Content-Type", "text/event-stream")
							w.WriteHeader(http.StatusOK)
						}
						<-r.Context().Done()
						told <- time.Since(began)
					}), configure))
				})
				assert.Equal(t, http.StatusInternalServerError, h.get("/foreign", "Accept", "text/event-stream").StatusCode)
				assert.Equal(t, map[string]time.Duration{"ahead": 10 * time.Second}[name], <-told)
				settle()
				assert.Len(t, h.log.take("level=ERROR"), 1)
				stats := h.sessions().Stats()
				assert.Equal(t, []any{0, uint64(1)}, []any{stats.Open, stats.Failed})
			})
		})
	}
}

// TestADeadlineAroundAForeignStream ends it cleanly if its handler has done what it
// wanted then.
func TestADeadlineAroundAForeignStream(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		result error
		whole  bool
	}{"done": {nil, true}, "late": {errOfHandler, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, func(r *routing.Route) {
					r.Use(func(next http.Handler) http.Handler {
						return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
							defer cancel()
							next.ServeHTTP(w, r.WithContext(ctx))
						})
					})
					r.Get("/foreign", func(c *app.Call) error {
						c.Header().Set("Content-Type", "text/event-stream")
						_, _ = io.WriteString(c.Writer(), "data: a\n\n")
						_ = http.NewResponseController(c.Writer()).Flush()
						<-c.Request.Context().Done()
						return test.result
					}).Install(sse.Adopt)
				})
				body, err := rest(h.get("/foreign"))
				assert.Equal(t, "data: a\n\n", body)
				if test.whole {
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

// TestAHeadAheadOfARequestWithoutABody, as a server of one's own may hand it over.
func TestAHeadAheadOfARequestWithoutABody(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ field, value, want string }{
		"an EventSource": {"Accept", "text/event-stream", minute + "data: a\n\n"},
		"JSON of none":   {"Content-Type", "application/json", "data: a\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				h := start(t, "HTTP/1.1", adopted(thinks(begins), afterTenSeconds))
				request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/foreign", nil)
				require.NoError(t, err)
				request.Header.Set(test.field, test.value)
				w := httptest.NewRecorder()
				h.application.ServeHTTP(w, request)
				assert.Equal(t, test.want, w.Body.String())
			})
		})
	}
}
