package eventsource_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/client/eventsource"
	"github.com/chitor-go/chitor/plugins/sse"
)

func TestEventsArriveAtOnce(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			answers()(w, r)
			for _, text := range []string{"data: a\n\n", "event: b\nid: 1\nretry: 5\n", "data: b\n\n"} {
				time.Sleep(time.Second)
				send(w, text)
			}
		})
		var events []sse.Event
		var times []time.Duration
		for event, err := range h.stream(attempts(0)).Events() {
			require.NoError(t, err)
			events = append(events, event)
			times = append(times, time.Since(h.began))
		}
		assert.Equal(t, []sse.Event{{Data: "a"}, {Event: "b", Data: "b", ID: "1", Retry: 5 * time.Millisecond}}, events)
		assert.Equal(t, []time.Duration{time.Second, 3 * time.Second}, times)
	})
}

// A loop that is left closes its connection, with or without an error of its
// own.
func TestLeavingTheLoop(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		gone := false
		h := start(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			stays("id: 7\ndata: a\n\nid: 8\ndata: b\n\n")(w, r)
			gone = true
		}, answers("data: c\n\n"))
		stream := h.stream()
		for event, err := range stream.Events() {
			require.NoError(t, err)
			assert.Equal(t, sse.Event{Data: "a", ID: "7"}, event)
			break
		}
		synctest.Wait()
		assert.True(t, gone)
		assert.Equal(t, "7", stream.LastEventID(), "what nobody has seen does not count")

		events, err := collect(stream)
		assert.NoError(t, err)
		assert.Equal(t, []sse.Event{{Data: "c", ID: "7"}}, events)
		assert.Equal(t, "7", h.received()[1].Header.Get("Last-Event-ID"))
		assert.Zero(t, h.received()[1].after, "another loop connects at once")
	})
}

func TestContextEndsTheLoop(t *testing.T) {
	cause := errors.New("enough")
	for name, step := range map[string]http.HandlerFunc{
		"while it waits for the head": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"while it waits for events":   stays("data: a\n\n: b\n"),
		"while nothing comes":         stays(),
		"while it waits to reconnect": answers("retry: 60000\n\n"),
		"while nobody wants it":       refuses(http.StatusServiceUnavailable, "Retry-After", "60"),
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, step)
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(5*time.Second, func() { cancel(cause) })
				var failures []error
				for _, err := range eventsource.Get(ctx, "http://test/", h.use) {
					if err != nil {
						failures = append(failures, err)
					}
				}
				assert.Equal(t, 5*time.Second, time.Since(h.began))
				require.Len(t, failures, 1)
				assert.EqualError(t, failures[0], "read event stream: enough")
				assert.ErrorIs(t, failures[0], cause)
			})
		})
	}
}

// The context may end in the loop's body, between events that have arrived
// together.
func TestContextEndsBetweenEvents(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, stays("id: 1\ndata\n\nid: 2\ndata\n\n"))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://test/", nil)
		require.NoError(t, err)
		stream := eventsource.New(request, h.use)
		var events []sse.Event
		for event, err := range stream.Events() {
			if err != nil {
				assert.ErrorIs(t, err, context.Canceled)
				continue
			}
			events = append(events, event)
			cancel()
		}
		assert.Equal(t, []sse.Event{{ID: "1"}}, events)
		assert.Equal(t, "1", stream.LastEventID())
	})
}

func TestPanicInTheLoopClosesTheConnection(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, stays("data\n\n"))
		stream := h.stream()
		assert.PanicsWithValue(t, "from the loop", func() {
			for range stream.Events() {
				panic("from the loop")
			}
		})
	}) // the bubble would find what is left
}

func TestLimitsEndTheStream(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		want := sse.LimitError{Limit: 1 << 20}
		for _, body := range []string{
			"data: " + strings.Repeat("x", 1<<20+1) + "\n",
			strings.Repeat("data: "+strings.Repeat("x", 60000)+"\n", 18),
		} {
			h := start(t, protocol, answers("data: a\n\n"+body+"\n"))
			events, err := collect(h.stream())
			assert.Equal(t, []string{"a"}, data(events))
			var limit *sse.LimitError
			require.ErrorAs(t, err, &limit)
			assert.Equal(t, want, *limit)
			assert.EqualError(t, err, "read event stream: "+want.Error())
			assert.Len(t, h.received(), 1)

			h = start(t, protocol, answers(body+"\n"))
			events, err = collect(h.stream(func(c *eventsource.Config) { c.MaxEvent = 0 }))
			assert.NoError(t, err)
			assert.Len(t, events, 1)
		}
	})
}

// The defaults are those of the reader.
func TestLimitsAreTheReaders(t *testing.T) {
	sse.NewReader(strings.NewReader(""), func(r *sse.ReaderConfig) {
		eventsource.New(&http.Request{}, func(c *eventsource.Config) {
			assert.Equal(t, r.MaxEvent, c.MaxEvent)
		})
	})
}

func TestComments(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, answers(": a\ndata: b\n: c\n\n"), answers(": a\ndata: b\n: c\n\n"))
		events, err := collect(h.stream(attempts(0)))
		assert.NoError(t, err)
		assert.Equal(t, []sse.Event{{Data: "b"}}, events)
		events, err = collect(h.stream(attempts(0), func(c *eventsource.Config) { c.Comments = true }))
		assert.NoError(t, err)
		assert.Equal(t, []sse.Event{{Comments: "a"}, {Comments: "c"}, {Data: "b"}}, events)
	})
}

func TestLastEventIDFromBefore(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, answers("data\n\n"), answers("id\n\n"), answers())
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://test/", nil)
		require.NoError(t, err)
		request.Header.Set("Last-Event-ID", "header")
		stream := eventsource.New(request, h.use, func(c *eventsource.Config) {
			assert.Equal(t, "header", c.LastEventID)
			c.LastEventID = "config"
		})
		assert.Equal(t, "config", stream.LastEventID())
		events, err := collect(stream)
		assert.NoError(t, err)
		assert.Equal(t, []sse.Event{{ID: "config"}}, events)
		assert.Empty(t, stream.LastEventID())
		assert.Equal(t, "header", request.Header.Get("Last-Event-ID"), "the request is the caller's")
		var sent [][]string
		for _, request := range h.received() {
			sent = append(sent, request.Header.Values("Last-Event-ID"))
		}
		assert.Equal(t, [][]string{{"config"}, {"config"}, nil, nil}, sent, "a server may take an ID back")
	})
}

// An ID that net/http refuses to send must not make every reconnection fail.
func TestLastEventIDThatCannotBeSent(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for _, id := range []string{"a\x01b", "\x7f", "\x1b[2J"} {
			events, requests := reconnected(t, protocol, "id: "+id+"\ndata\n\n", "data: b\n\n")
			assert.Equal(t, []sse.Event{{ID: id}, {ID: id, Data: "b"}}, events)
			assert.Empty(t, requests[1].Header.Values("Last-Event-ID"))
		}
		_, requests := reconnected(t, protocol, "id: a\tb\xff\ndata\n\n")
		assert.Equal(t, "a\tb\ufffd", requests[1].Header.Get("Last-Event-ID"))
	})
}

func TestOwnHeadersWin(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, answers("data\n\n"), answers("data\n\n"))
		own := http.Header{
			"Accept":        {"application/json, text/event-stream"},
			"Cache-Control": {"no-store"},
			"Authorization": {"Bearer x"},
		}
		request, err := http.NewRequestWithContext(t.Context(), "REPORT", "http://test/", strings.NewReader("query"))
		require.NoError(t, err)
		request.Header = own.Clone()
		_, err = collect(eventsource.New(request, h.use))
		require.NoError(t, err)
		assert.Equal(t, own, request.Header)
		require.Len(t, h.received(), 3, "REPORT is a safe method")
		for _, request := range h.received() {
			for name := range own {
				assert.Equal(t, own.Values(name), request.Header.Values(name))
			}
			assert.Equal(t, "identity", request.Header.Get("Accept-Encoding"))
			assert.Equal(t, "query", request.body)
		}
	})
}

func TestBodyThatCannotBeHadAgain(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		const failure = "open event stream: the request cannot be sent again: it has a body but no GetBody: set that, or MaxReconnectionAttempts to 0"
		for _, limit := range []int{-1, 1} {
			h := start(t, protocol)
			request := post(t, io.MultiReader(strings.NewReader("x")))
			_, err := collect(eventsource.New(request, h.use, attempts(limit)))
			assert.EqualError(t, err, failure)
			assert.Empty(t, h.received(), "it is found out before anything is sent")
		}
		h := start(t, protocol, answers("data: a\n\n"))
		stream := eventsource.New(post(t, io.MultiReader(strings.NewReader("x"))), h.use)
		events, err := collect(stream)
		assert.NoError(t, err)
		assert.Equal(t, []string{"a"}, data(events))
		assert.Equal(t, "x", h.received()[0].body)
		_, err = collect(stream)
		assert.EqualError(t, err, failure)
	})
}

func TestBodyThatFailsTheSecondTime(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, breaks("id: 1\ndata: a\n\n"))
		request := post(t, strings.NewReader("x"))
		request.GetBody = func() (io.ReadCloser, error) { return nil, os.ErrNotExist }
		events, err := collect(eventsource.New(request, h.use, attempts(-1)))
		assert.Len(t, events, 1)
		assert.ErrorIs(t, err, os.ErrNotExist)
		assert.EqualError(t, err, "open event stream: get the body again: file does not exist")
	})
}

// Safe are the methods of RFC 9110, section 9.2.1, and those that are
// registered as safe with them.
func TestOnlySafeMethodsAreRepeatedByDefault(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for method, want := range map[string]int{
			"": -1, http.MethodGet: -1, http.MethodHead: -1, http.MethodOptions: -1, http.MethodTrace: -1,
			"PROPFIND": -1, "QUERY": -1, "REPORT": -1, "SEARCH": -1,
			http.MethodPost: 0, http.MethodPut: 0, http.MethodPatch: 0, http.MethodDelete: 0, "LOCK": 0, "get": 0,
		} {
			h := start(t, protocol, refuses(http.StatusServiceUnavailable))
			request := requestTo(t, "http://test/")
			request.Method = method
			_, err := collect(eventsource.New(request, h.use, func(c *eventsource.Config) {
				assert.Equal(t, want, c.MaxReconnectionAttempts, method)
			}))
			if want == 0 {
				assert.Error(t, err, method)
				assert.Len(t, h.received(), 1, method)
			} else {
				assert.NoError(t, err, method)
				assert.Len(t, h.received(), 2, method)
			}
		}
	})
}

// To send something twice may be to do it twice.
func TestPostIsNotRepeated(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, answers("data: a\n\n"))
		events, err := collect(eventsource.New(post(t, strings.NewReader("x")), h.use))
		assert.NoError(t, err)
		assert.Len(t, events, 1)
		assert.Len(t, h.received(), 1)

		h = start(t, protocol, breaks("data: a\n\n"))
		events, err = collect(eventsource.New(post(t, strings.NewReader("x")), h.use))
		assert.Error(t, err)
		assert.Len(t, events, 1)
		assert.Len(t, h.received(), 1)
	})
}

func TestURLsThatAreNone(t *testing.T) {
	for url, want := range map[string]string{
		"localhost:8080/events": `open event stream: "localhost:8080/events" is not a URL of http or https`,
		"/events":               `open event stream: "/events" is not a URL of http or https`,
		"ftp://host/events":     `open event stream: "ftp://host/events" is not a URL of http or https`,
		"http:///events":        `open event stream: "http:///events" is not a URL of http or https`,
		"ftp://me:secret@host":  `open event stream: "ftp://me:xxxxx@host" is not a URL of http or https`,
		"http://host:x":         `open event stream: parse "http://host:x": invalid port ":x" after host`,
	} {
		count := 0
		for event, err := range eventsource.Get(t.Context(), url) {
			assert.EqualError(t, err, want)
			assert.Zero(t, event)
			count++
		}
		assert.Equal(t, 1, count)
	}
	_, err := collect(eventsource.New(&http.Request{}))
	assert.EqualError(t, err, `open event stream: "" is not a URL of http or https`)
}

func TestNilConfigurationFunctionIsTheOnlyErrorOfTheLoop(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, answers("data\n\n"))
		for range 2 {
			events, err := collect(h.stream(nil, attempts(0)))
			assert.Empty(t, events)
			assert.EqualError(t, err, "open event stream: the configuration function is nil")
		}
		_, err := collect(h.stream(func(c *eventsource.Config) { c.OnOpen, c.OnReconnect = nil, nil }))
		assert.NoError(t, err, "hooks are none by default")
		assert.Len(t, h.received(), 2)
	})
}

func TestOnOpen(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, answers("data\n\n"), refuses(http.StatusServiceUnavailable), answers(), refuses(http.StatusNotFound))
		var told []string
		stream := h.stream(func(c *eventsource.Config) {
			c.OnOpen = func(response *http.Response) {
				told = append(told, "open "+response.Proto+" "+response.Header.Get("Content-Type"))
			}
			c.OnReconnect = func(err error, wait time.Duration) {
				told = append(told, "reconnect")
				assert.Positive(t, wait)
			}
		})
		for event, err := range stream.Events() {
			told = append(told, map[bool]string{true: "event" + event.Data, false: "end"}[err == nil])
		}
		open := "open " + protocol + " text/event-stream"
		assert.Equal(t, []string{open, "event", "reconnect", "reconnect", open, "reconnect", "end"}, told)
	})
}

// The client is the caller's: it is copied, and its time-out would end every
// stream.
func TestClientIsLeftAlone(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			answers()(w, r)
			time.Sleep(time.Minute)
			send(w, "data: late\n\n")
		})
		h.client.Timeout = time.Second
		events, err := collect(h.stream(attempts(0)))
		assert.NoError(t, err)
		assert.Equal(t, []string{"late"}, data(events))
		assert.Equal(t, time.Second, h.client.Timeout)
	})
}

// A clean end leaves the connection to the next request.
func TestConnectionIsUsedAgain(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		_, requests := reconnected(t, protocol, "data\n\n", "data\n\n", "data\n\n")
		for _, request := range requests {
			assert.Equal(t, requests[0].RemoteAddr, request.RemoteAddr)
		}
	})
}

// A request that was put together by hand may have no header at all.
func TestRequestWithoutAHeader(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, answers("data: a\n\n"))
		request := requestTo(t, "http://test/")
		request.Header = nil
		events, err := collect(eventsource.New(request, h.use))
		assert.NoError(t, err)
		assert.Equal(t, []string{"a"}, data(events))
		assert.Equal(t, "text/event-stream", h.received()[0].Header.Get("Accept"))
		assert.Nil(t, request.Header)
	})
}
