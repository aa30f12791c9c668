package eventsource_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/client/eventsource"
)

// A token that is made for each connection does not grow old with its stream:
// Azure/fetch-event-source#33, Yaffle/EventSource#137, Imgkl/EventFlux#27.
func TestTokenOfEachConnection(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, answers("id: 1\ndata: a\n\n"), refuses(http.StatusServiceUnavailable), answers("data: b\n\n"))
		var before []error
		request := requestTo(t, "http://test/")
		request.Header.Set("Authorization", "Bearer old")
		_, err := collect(eventsource.New(request, h.use, func(c *eventsource.Config) {
			c.OnRequest = func(r *http.Request, err error) error {
				before = append(before, err)
				r.Header.Set("Authorization", "Bearer "+time.Since(h.began).Truncate(time.Hour).String()+strings.Repeat("!", len(before)))
				return nil
			}
		}))
		assert.NoError(t, err)
		requests := h.received()
		require.Len(t, requests, 4)
		for i, request := range requests {
			assert.Equal(t, []string{"Bearer 0s" + strings.Repeat("!", i+1)}, request.Header["Authorization"])
		}
		assert.Equal(t, "1", requests[1].Header.Get("Last-Event-ID"))
		assert.NoError(t, before[0])
		assert.NoError(t, before[1], "a clean end")
		assert.EqualError(t, before[2], "open event stream: expected status 200 but was 503")
		assert.NoError(t, before[3])
		assert.Equal(t, "Bearer old", request.Header.Get("Authorization"), "the request is the caller's")
	})
}

// A token that is refused is renewed once, also for a POST: what was refused has
// not been done.
func TestTokenThatHasExpired(t *testing.T) {
	errRefusedTwice := errors.New("the new token is refused too")
	overEach(t, func(t *testing.T, protocol string) {
		for valid, want := range map[string]error{"Bearer new": nil, "Bearer other": errRefusedTwice} {
			checked := func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != valid {
					refuses(http.StatusUnauthorized)(w, r)
					return
				}
				answers("data: a\n\n")(w, r)
			}
			h := start(t, protocol, repeat(5, checked)...)
			token := "old"
			events, err := collect(eventsource.New(post(t, strings.NewReader("question")), h.use, attempts(2), func(c *eventsource.Config) {
				c.RetryStatuses = append(c.RetryStatuses, http.StatusUnauthorized)
				c.OnRequest = func(r *http.Request, before error) error {
					response, ok := errors.AsType[*eventsource.ResponseError](before)
					if ok && response.StatusCode == http.StatusUnauthorized {
						if token == "new" {
							return errRefusedTwice
						}
						token = "new"
					}
					r.Header.Set("Authorization", "Bearer "+token)
					return nil
				}
			}))
			assert.ErrorIs(t, err, want)
			if want == nil {
				assert.Equal(t, []string{"a"}, data(events))
			} else {
				assert.EqualError(t, err, "open event stream: the new token is refused too")
			}
			assert.Len(t, h.received(), 2)
			assert.Equal(t, "question", h.received()[1].body)
		}
	})
}

// Nothing is sent without the token, and the body is still there for the next
// loop.
func TestTokenThatCannotBeHad(t *testing.T) {
	errNoToken := errors.New("no token")
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, answers("data: a\n\n"))
		failure := errNoToken
		stream := eventsource.New(post(t, strings.NewReader("question")), h.use, attempts(3), func(c *eventsource.Config) {
			c.OnRequest = func(*http.Request, error) error { return failure }
		})
		_, err := collect(stream)
		assert.EqualError(t, err, "open event stream: no token")
		assert.ErrorIs(t, err, errNoToken)
		assert.Empty(t, h.received())

		failure = nil
		events, err := collect(stream)
		assert.NoError(t, err)
		assert.Equal(t, []string{"a"}, data(events))
		assert.Equal(t, "question", h.received()[0].body)
	})
}

// The key by which a server knows a request again is the same each time.
func TestIdempotencyKeyIsKept(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, refuses(http.StatusServiceUnavailable), breaks(), answers("data: a\n\n"))
		request := post(t, strings.NewReader("question"))
		request.Header.Set("Idempotency-Key", "1c2d")
		_, err := collect(eventsource.New(request, h.use, attempts(2)))
		assert.NoError(t, err)
		assert.Len(t, h.received(), 3)
		for _, request := range h.received() {
			assert.Equal(t, "1c2d", request.Header.Get("Idempotency-Key"))
			assert.Equal(t, "question", request.body)
		}
	})
}
