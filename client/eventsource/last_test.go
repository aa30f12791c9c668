package eventsource_test

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/client/eventsource"
	"github.com/chitor-go/chitor/plugins/sse"
)

// untilDone ends a stream as OpenAI's models do.
func untilDone(c *eventsource.Config) { c.IsLast = eventsource.IsDone }

// isStop is the end of a stream in Anthropic's form.
func isStop(event sse.Event) bool { return event.Event == "message_stop" }

// An answer that has been cut must not pass for the whole, however cleanly it
// ends: anthropics/anthropic-sdk-typescript#842, BerriAI/litellm#32159,
// SamSaffron/term-llm#955.
func TestAnswerThatIsCutIsAnError(t *testing.T) {
	const cut = "read event stream: it has ended before its last event: unexpected EOF"
	for name, test := range map[string]struct {
		body    string
		isLast  func(sse.Event) bool
		events  int
		failure string
	}{
		"whole":               {"data: a\n\ndata: [DONE]\n\n", eventsource.IsDone, 2, ""},
		"cut":                 {"data: a\n\n", eventsource.IsDone, 1, cut},
		"cut in its last":     {"data: a\n\ndata: [DONE]\n", eventsource.IsDone, 1, cut},
		"empty":               {"", eventsource.IsDone, 0, cut},
		"JSON, an error":      {"{\"error\": {\"message\": \"no\"}}\n\n", eventsource.IsDone, 0, cut},
		"a comment is no end": {": [DONE]\n\ndata: a\n\n", eventsource.IsDone, 1, cut},
		"by its type":         {"event: message_stop\ndata: {}\n\n", isStop, 1, ""},
		"without its type":    {"event: ping\ndata: {}\n\n", isStop, 1, cut},
		"nobody asks":         {"data: a\n\n", nil, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, answers(test.body))
				events, err := collect(eventsource.New(post(t, strings.NewReader("x")), h.use, func(c *eventsource.Config) {
					c.IsLast = test.isLast
				}))
				assert.Len(t, events, test.events)
				assert.Len(t, h.received(), 1)
				if test.failure == "" {
					assert.NoError(t, err)
					return
				}
				assert.EqualError(t, err, test.failure)
				assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
			})
		})
	}
}

// A GET is over with its last event, and not before.
func TestLastEventIsTheEndOfAGet(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, answers("id: 1\ndata: a\n\n"), answers("data: [DONE]\n\n"), answers("data: never\n\n"))
		var log journal
		events, err := collect(h.stream(untilDone, log.keep))
		assert.NoError(t, err)
		assert.Equal(t, []string{"a", "[DONE]"}, data(events))
		require.Len(t, log.errors, 1)
		assert.ErrorIs(t, log.errors[0], io.ErrUnexpectedEOF)
		assert.Equal(t, "1", h.received()[1].Header.Get("Last-Event-ID"))
	})
}

// What is cut before anything has come may be asked again.
func TestCutAnswerIsAskedAgain(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for first, want := range map[string]int{": thinking\n\n": 2, "data: a\n\n": 1, "id: 1\ndata: a\n\n": 2} {
			h := start(t, protocol, answers(first), answers("data: [DONE]\n\n"))
			_, err := collect(eventsource.New(post(t, strings.NewReader("x")), h.use, attempts(1), untilDone))
			assert.Equal(t, want == 1, err != nil, first)
			assert.Len(t, h.received(), want, first)
		}
	})
}

// A server that lingers after the last event does not keep the loop:
// earendil-works/pi#7959.
func TestLastEventIsNotWaitedAfter(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for name, step := range map[string]http.HandlerFunc{
			"silent": stays("data: [DONE]\n\n"),
			"talkative": func(w http.ResponseWriter, r *http.Request) {
				answers("data: [DONE]\n\n")(w, r)
				for r.Context().Err() == nil {
					send(w, strings.Repeat(":\n", 1<<10))
				}
			},
			"broken": breaks("data: [DONE]\n\n"),
			"packed": inCoding(stays(gzipped(t, "data: [DONE]\n\n")), "gzip"),
		} {
			h := start(t, protocol, step)
			events, err := collect(eventsource.New(post(t, strings.NewReader("x")), h.use, untilDone))
			assert.NoError(t, err, name)
			assert.Len(t, events, 1, name)
			assert.LessOrEqual(t, time.Since(h.began), 100*time.Millisecond, name)
		}
	})
}

// An answer that is read to its end leaves its connection to the next one:
// openai/openai-python#763, #3440.
func TestConnectionIsUsedAgainAfterTheLastEvent(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for name, last := range map[string]http.HandlerFunc{
			"together": answers("data: a\n\ndata: [DONE]\n\n"),
			"later": func(w http.ResponseWriter, r *http.Request) {
				answers("data: a\n\n", "data: [DONE]\n\n")(w, r)
				time.Sleep(50 * time.Millisecond)
			},
			"packed": inCoding(answers(gzipped(t, "data: a\n\ndata: [DONE]\n\n")), "gzip"),
		} {
			h := start(t, protocol, last, last, last)
			for range 3 {
				_, err := collect(eventsource.New(post(t, strings.NewReader("x")), h.use, untilDone))
				require.NoError(t, err)
			}
			requests := h.received()
			require.Len(t, requests, 3)
			for _, request := range requests {
				assert.Equal(t, requests[0].RemoteAddr, request.RemoteAddr, name)
			}
		}
	})
}

// A relay that sends comments is there itself, and no more: a model that never
// answers is found by the events that do not come, earendil-works/pi#5558.
func TestEventTimeout(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			answers()(w, r)
			for _, pause := range []int{9, 1, 9} {
				for range pause {
					time.Sleep(5 * time.Second)
					send(w, ": waiting\n\n")
				}
				send(w, "data: a\n\n")
			}
			for {
				select {
				case <-time.After(5 * time.Second):
					send(w, ": waiting\n\n")
				case <-r.Context().Done():
					return
				}
			}
		})
		var got []time.Duration
		var failure error
		stream := h.stream(attempts(0), withComments, func(c *eventsource.Config) {
			c.ReadTimeout, c.EventTimeout = 10*time.Second, time.Minute
		})
		for event, err := range stream.Events() {
			switch {
			case err != nil:
				failure = err
			case event.Comments == "":
				got = append(got, time.Since(h.began))
			}
		}
		assert.Equal(t, []time.Duration{45 * time.Second, 50 * time.Second, 95 * time.Second}, got)
		assert.EqualError(t, failure, "read event stream: no event for 1m0s: i/o timeout")
		assert.ErrorIs(t, failure, os.ErrDeadlineExceeded)
		assert.Equal(t, 155*time.Second, time.Since(h.began))
	})
}

// The time that a loop takes for itself is not the server's.
func TestEventTimeoutIsAboutWaiting(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			answers("data: a\n\n")(w, r)
			time.Sleep(time.Hour + 9*time.Second)
			send(w, "data: b\n\n")
		})
		var got []string
		stream := h.stream(attempts(0), func(c *eventsource.Config) { c.EventTimeout = 10 * time.Second })
		for event, err := range stream.Events() {
			require.NoError(t, err)
			got = append(got, event.Data)
			time.Sleep(time.Hour)
		}
		assert.Equal(t, []string{"a", "b"}, got)
	})
}

// A server that leaves out the last blank line: openai/openai-node#2725,
// a2aproject/a2a-python#1213. A browser drops the event, and so does a stream
// that is not told otherwise.
func TestUnfinishedEvents(t *testing.T) {
	unfinished := func(c *eventsource.Config) { c.Unfinished = true }
	overEach(t, func(t *testing.T, protocol string) {
		for _, end := range []string{"", "\n", "\r", "\r\n"} {
			body := "data: a\n\ndata: [DONE]" + end
			events, err := collect(eventsource.New(post(t, nil), start(t, protocol, answers(body)).use))
			assert.NoError(t, err)
			assert.Equal(t, []string{"a"}, data(events))

			events, err = collect(eventsource.New(post(t, nil), start(t, protocol, answers(body)).use, unfinished, untilDone))
			assert.NoError(t, err)
			assert.Equal(t, []string{"a", "[DONE]"}, data(events))

			events, err = collect(eventsource.New(post(t, nil), start(t, protocol, breaks(body)).use, unfinished, untilDone))
			assert.ErrorContains(t, err, "read event stream: ", "what breaks off is half of something")
			assert.Equal(t, []string{"a"}, data(events))
		}
		h := start(t, protocol, answers("id: 1\ndata: a"), answers())
		_, err := collect(h.stream(unfinished))
		assert.NoError(t, err)
		assert.Equal(t, "1", h.received()[1].Header.Get("Last-Event-ID"))
	})
}
