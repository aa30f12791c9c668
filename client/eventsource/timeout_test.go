package eventsource_test

import (
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/client/eventsource"
)

func TestResponseTimeout(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		deaf := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		h := start(t, protocol, deaf, answers("data: a\n\n"))
		var log journal
		events, err := collect(h.stream(log.keep))
		assert.NoError(t, err)
		assert.Equal(t, []string{"a"}, data(events))
		assert.Equal(t, time.Minute+log.waits[0], h.received()[1].after)
		assert.ErrorIs(t, log.errors[0], os.ErrDeadlineExceeded)
		assert.EqualError(t, log.errors[0], "open event stream: no response within 1m0s: i/o timeout")
	})
}

func TestResponseTimeoutEndsWithTheHead(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for _, limit := range []time.Duration{10 * time.Second, 0, -1} {
			h := start(t, protocol, func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(9 * time.Second)
				answers()(w, r)
				time.Sleep(time.Hour)
				send(w, "data: a\n\n")
			})
			events, err := collect(h.stream(attempts(0), func(c *eventsource.Config) { c.ResponseTimeout = limit }))
			assert.NoError(t, err)
			assert.Equal(t, []string{"a"}, data(events))
		}
	})
}

// The body of an error may hang as well as a head.
func TestResponseTimeoutHoldsForBodiesOfErrors(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			send(w, "short and")
			<-r.Context().Done()
		})
		_, err := collect(h.stream())
		var response *eventsource.ResponseError
		require.ErrorAs(t, err, &response)
		assert.Equal(t, "short and", string(response.Body))
		assert.Equal(t, time.Minute, time.Since(h.began))
	})
}

func TestReadTimeout(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, stays("id: 1\ndata: a\n\n"), stays())
		var log journal
		events, err := collect(h.stream(log.keep, func(c *eventsource.Config) { c.ReadTimeout = 20 * time.Second }))
		assert.NoError(t, err)
		assert.Equal(t, []string{"a"}, data(events))
		requests := h.received()
		require.Len(t, requests, 3)
		assert.Equal(t, 20*time.Second+log.waits[0], requests[1].after)
		assert.Equal(t, "1", requests[1].Header.Get("Last-Event-ID"))
		assert.Equal(t, 20*time.Second+log.waits[1], requests[2].after-requests[1].after, "a stream that is silent from the start")
		for _, err := range log.errors {
			assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
			assert.EqualError(t, err, "read event stream: silent for 20s: i/o timeout")
		}

		h = start(t, protocol, stays())
		_, err = collect(h.stream(attempts(0), func(c *eventsource.Config) { c.ReadTimeout = time.Second }))
		assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	})
}

// Each byte is a sign of life, and a loop that takes its time is not the
// server's fault.
func TestReadTimeoutIsAboutSilence(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			answers()(w, r)
			for range 100 {
				time.Sleep(9 * time.Second)
				send(w, ":")
			}
			send(w, "\ndata: a\n\n")
			time.Sleep(5 * time.Second)
			send(w, "data: b\n\n")
		})
		var got []string
		stream := h.stream(attempts(0), func(c *eventsource.Config) { c.ReadTimeout = 10 * time.Second })
		for event, err := range stream.Events() {
			require.NoError(t, err)
			got = append(got, event.Data)
			time.Sleep(time.Hour)
		}
		assert.Equal(t, []string{"a", "b"}, got)
	})
}

func TestWithoutAReadTimeoutAServerMayBeSilent(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(w http.ResponseWriter, r *http.Request) {
			answers()(w, r)
			time.Sleep(24 * time.Hour)
			send(w, "data: a\n\n")
		})
		events, err := collect(h.stream(attempts(0)))
		assert.NoError(t, err)
		assert.Equal(t, []string{"a"}, data(events))
	})
}
