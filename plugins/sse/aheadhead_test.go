package sse_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

const asked = `{"model":"m","stream":true,"messages":[]}`

func afterTenSeconds(c *sse.AdoptConfig) { c.HeadAfter = 10 * time.Second }

// answer is what a handler of net/http answers with.
func answer(status int, contentType, body string) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func begins(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Late", "yes")
	_, _ = io.WriteString(w, "data: a\n\n")
}

// thinks returns a handler that is silent for a minute.
func thinks(then func(w http.ResponseWriter, r *http.Request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(time.Minute):
			then(w, r)
		case <-r.Context().Done():
		}
	})
}

const minute = foreignBeat + foreignBeat + foreignBeat + foreignBeat // after 10, 25, 40 and 55 s

// TestAHeadIsSentAheadOfAHandlerThatThinks, and what it then answers follows.
func TestAHeadIsSentAheadOfAHandlerThatThinks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		then func(w http.ResponseWriter, r *http.Request)
		want string
	}{
		"a stream": {begins, "data: a\n\n"},
		"a stream with a mark": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "\xef\xbb\xbf")
			begins(w, r)
		}, "data: a\n\n"},
		"nothing": {func(http.ResponseWriter, *http.Request) {}, ""},
		"JSON": {
			answer(429, "application/json; charset=utf-8", "{\n \"error\": {\"message\": \"slow down\"}\n}"),
			"event: error\r\ndata: {\"error\":{\"message\":\"slow down\"}}\r\n\r\n",
		},
		"a text": {
			answer(503, "text/plain; charset=utf-8", "busy <now>\n"),
			"event: error\r\ndata: {\"error\":{\"message\":\"busy <now>\",\"code\":503}}\r\n\r\n",
		},
		"a page": {
			answer(502, "text/html", "<h1>Bad</h1>"),
			"event: error\r\ndata: {\"error\":{\"message\":\"Bad Gateway\",\"code\":502}}\r\n\r\n",
		},
		"what says it is JSON": {
			answer(200, "application/json", "{"),
			"event: error\r\ndata: {\"error\":{\"message\":\"OK\",\"code\":200}}\r\n\r\n",
		},
		"a problem": {
			answer(422, "application/problem+json", "{\"title\": \"odd\"}"),
			"event: error\r\ndata: {\"title\":\"odd\"}\r\n\r\n",
		},
		"a text of nothing": {
			answer(503, "text/plain", " \n"),
			"event: error\r\ndata: {\"error\":{\"message\":\"Service Unavailable\",\"code\":503}}\r\n\r\n",
		},
		"a text that is none": {
			answer(503, "text/plain", "busy\xff"),
			"event: error\r\ndata: {\"error\":{\"message\":\"Service Unavailable\",\"code\":503}}\r\n\r\n",
		},
		"no content": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, ""},
		"a stream with another status": {
			answer(202, "text/event-stream", "data: a\n\n"),
			"event: error\r\ndata: {\"error\":{\"message\":\"Accepted\",\"code\":202}}\r\n\r\n",
		},
		"a stream with a coding": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			begins(w, r)
		}, "event: error\r\ndata: {\"error\":{\"message\":\"OK\",\"code\":200}}\r\n\r\n"},
		"a stream behind hints": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			begins(w, r)
		}, "data: a\n\n"},
		"what is too long": {
			answer(500, "application/json", `"`+strings.Repeat("x", 70_000)+`"`),
			"event: error\r\ndata: {\"error\":{\"message\":\"Internal Server Error\",\"code\":500}}\r\n\r\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, adopted(thinks(test.then), afterTenSeconds))
				began := time.Now()
				response := h.open(http.MethodPost, "/foreign", strings.NewReader(asked), "Content-Type", "application/json")
				assert.Equal(t, 10*time.Second, time.Since(began))
				assert.Equal(t, http.StatusOK, response.StatusCode)
				assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
				assert.Equal(t, "no", response.Header.Get("X-Accel-Buffering"))
				assert.Empty(t, response.Header.Get("X-Late"))
				body, err := rest(response)
				require.NoError(t, err)
				assert.Equal(t, minute+test.want, body)
				settle()
				assert.EqualValues(t, 1, h.sessions().Stats().Served)
			})
		})
	}
}

// TestAHeadIsSentAheadOnlyIfAStreamIsWanted.
func TestAHeadIsSentAheadOnlyIfAStreamIsWanted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method, body string
		header       []string
		ahead        bool
	}{
		"an EventSource":         {http.MethodGet, "", []string{"Accept", "text/event-stream"}, true},
		"one that takes JSON":    {http.MethodGet, "", []string{"Accept", "application/json, text/event-stream"}, false},
		"one that takes all":     {http.MethodGet, "", []string{"Accept", "*/*"}, false},
		"one that refuses it":    {http.MethodGet, "", []string{"Accept", "text/event-stream;q=0"}, false},
		"a body with stream":     {http.MethodPost, asked, []string{"Content-Type", "application/json"}, true},
		"a body without":         {http.MethodPost, `{"model":"m"}`, []string{"Content-Type", "application/json"}, false},
		"a body that says false": {http.MethodPost, `{"stream":false}`, []string{"Content-Type", "application/json"}, false},
		"a body that says text":  {http.MethodPost, `{"stream":"true"}`, []string{"Content-Type", "application/json"}, false},
		"a body within":          {http.MethodPost, `{"a":{"stream":true}}`, []string{"Content-Type", "application/json"}, false},
		"a body of another type": {http.MethodPost, asked, []string{"Content-Type", "text/plain"}, false},
		"a body that breaks":     {http.MethodPost, `{"stream":true`, []string{"Content-Type", "application/json"}, false},
		"a body that is too long": {
			http.MethodPost, `{"stream":true,"a":"` + strings.Repeat("x", 2<<20) + `"}`,
			[]string{"Content-Type", "application/json"}, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				h := start(t, "HTTP/1.1", adopted(thinks(func(w http.ResponseWriter, r *http.Request) {
					body, err := io.ReadAll(r.Body)
					assert.NoError(t, err)
					assert.Len(t, body, len(test.body), "the handler has all of the body")
					assert.Equal(t, test.ahead, r.Header.Get("Accept-Encoding") == "")
					begins(w, r)
				}), afterTenSeconds))
				began := time.Now()
				response := h.open(test.method, "/foreign", strings.NewReader(test.body), append(test.header, "Accept-Encoding", "br")...)
				want := time.Minute
				if test.ahead {
					want = 10 * time.Second
				}
				assert.Equal(t, want, time.Since(began))
				assert.Equal(t, test.ahead, response.Header.Get("X-Late") == "")
				body, err := rest(response)
				require.NoError(t, err)
				assert.Equal(t, test.ahead, body == minute+"data: a\n\n")
				assert.True(t, strings.HasSuffix(body, "data: a\n\n"))
			})
		})
	}
}

// TestAHandlerThatIsQuickEnoughHasItsOwnHead, and answers as it likes.
func TestAHandlerThatIsQuickEnoughHasItsOwnHead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler app.Handler
		want    string
	}{
		"a stream":    {app.FromHTTP(http.HandlerFunc(begins)), "200 data: a\n\n"},
		"JSON":        {app.FromHTTP(http.HandlerFunc(answer(429, "application/json", "{}"))), "429 {}"},
		"an error":    {func(*app.Call) error { return app.NewError(http.StatusConflict, "taken") }, "409 taken"},
		"a response":  {func(c *app.Call) error { return c.RespondText("hello") }, "200 hello"},
		"no response": {func(*app.Call) error { return nil }, "404 "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, func(r *routing.Route) {
					r.Get("/foreign", func(c *app.Call) error {
						c.Header().Set("X-Mine", "yes")
						return test.handler(c)
					}).Install(sse.Adopt.With(afterTenSeconds))
				})
				response := h.get("/foreign", "Accept", "text/event-stream")
				body, err := rest(response)
				require.NoError(t, err)
				assert.Equal(t, test.want, response.Status[:4]+body)
				assert.Equal(t, "yes", response.Header.Get("X-Mine"))
			})
		})
	}
}

// TestAnErrorBehindAHeadIsAnEvent with what may be shown of it, and is logged once.
func TestAnErrorBehindAHeadIsAnEvent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end    func() error
		want   string
		logged int
	}{
		"one that is shown": {func() error { return app.NewError(429, "slow down") }, `{"error":{"message":"slow down","code":429}}`, 0},
		"one that is not":   {func() error { return errors.New("the password is x") }, `{"error":{"message":"Internal Server Error","code":500}}`, 1},
		"a panic":           {func() error { panic("the password is x") }, `{"error":{"message":"Internal Server Error","code":500}}`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, func(r *routing.Route) {
					r.Get("/foreign", func(c *app.Call) error {
						elapse(20 * time.Second)
						return test.end()
					}).Install(sse.Adopt.With(afterTenSeconds))
				})
				body, err := rest(h.get("/foreign", "Accept", "text/event-stream"))
				require.NoError(t, err)
				assert.Equal(t, foreignBeat+"event: error\r\ndata: "+test.want+"\r\n\r\n", body)
				settle()
				assert.Len(t, h.log.take("level=ERROR"), test.logged)
			})
		})
	}
}

// TestWhereThereIsNoRoomTheHandlersHeadIsWaitedFor, and refused.
func TestWhereThereIsNoRoomTheHandlersHeadIsWaitedFor(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		h := startWith(t, "HTTP/1.1", func(c *sse.Config) { c.MaxSessions = 1 }, func(r *routing.Route) {
			adopted(thinks(foreign{"data: a\n\n"}.ServeHTTP), afterTenSeconds)(r)
			r.SSE("/other", func(s *sse.Session) error { return s.Delay(time.Hour) })
		})
		assert.Equal(t, http.StatusOK, h.get("/other").StatusCode)
		response := h.get("/foreign", "Accept", "text/event-stream")
		assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		assert.Equal(t, "5", response.Header.Get("Retry-After"))
		assert.EqualValues(t, 1, h.sessions().Stats().Full)
	})
}

// TestAStopWhileAHandlerThinks ends the stream at once, whose head was sent ahead.
func TestAStopWhileAHandlerThinks(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, adopted(thinks(begins), afterTenSeconds))
		response := h.get("/foreign", "Accept", "text/event-stream")
		settle() // or the stop comes between the head and its comment
		assert.Zero(t, h.stop())
		body, err := rest(response)
		require.NoError(t, err)
		assert.Equal(t, foreignBeat, body)
	})
}

// TestAHeadAndTheHandlersMeetAtTheSameMoment: -race sees none that meet.
func TestAHeadAndTheHandlersMeetAtTheSameMoment(t *testing.T) {
	t.Parallel()
	for range 20 {
		overEach(t, func(t *testing.T, protocol string) {
			h := start(t, protocol, adopted(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				elapse(10 * time.Second)
				begins(w, r)
			}), afterTenSeconds))
			body, err := rest(h.get("/foreign", "Accept", "text/event-stream"))
			require.NoError(t, err)
			assert.Equal(t, "data: a\n\n", strings.TrimPrefix(body, foreignBeat))
		})
	}
}

// TestAHeadAndTheHandlersReturnMeetAtTheSameMoment: there is a stream, or none.
func TestAHeadAndTheHandlersReturnMeetAtTheSameMoment(t *testing.T) {
	t.Parallel()
	for range 20 {
		overEach(t, func(t *testing.T, protocol string) {
			h := start(t, protocol, adopted(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				elapse(10 * time.Second)
			}), afterTenSeconds))
			response := h.get("/foreign", "Accept", "text/event-stream")
			body, err := rest(response)
			require.NoError(t, err)
			assert.Equal(t, response.Header.Get("Content-Type") == "text/event-stream", body == foreignBeat)
			settle()
			stats := h.sessions().Stats()
			assert.Equal(t, []any{0, stats.Opened}, []any{stats.Open, stats.Served})
		})
	}
}

// TestAHandlerAbortsWhileAHeadIsSentAhead: its call waits for that.
func TestAHandlerAbortsWhileAHeadIsSentAhead(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := startModule(t, protocol, func(a *app.Application) {
			a.Install(sse.Plugin)
			a.Install(app.NewPlugin("Slow", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
				b.OnBodyReady(func(*app.Call, *app.Outgoing) error {
					elapse(5 * time.Second)
					return nil
				})
				return nil
			}))
			routing.Routes(a, adopted(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				elapse(12 * time.Second)
				panic(http.ErrAbortHandler) // and so says nothing that would wait
			}), afterTenSeconds))
		})
		body, err := rest(h.get("/foreign", "Accept", "text/event-stream"))
		assert.Equal(t, foreignBeat, body)
		assertCut(t, protocol, err)
		settle()
		assert.EqualValues(t, 1, h.sessions().Stats().Failed)
	})
}
