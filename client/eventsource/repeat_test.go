package eventsource_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/client/eventsource"
)

// What has been asked is asked again when it was not answered whole; what is
// safe to ask is asked again as well to hear what comes next.
func TestWhichConnectionsAreFollowedByAnother(t *testing.T) {
	const unlimited = 12 // steps of a server, which then responds with 204
	methods := map[string]bool{http.MethodGet: true, "QUERY": true, http.MethodPost: false, http.MethodPatch: false}
	for name, test := range map[string]struct {
		step         http.HandlerFunc
		safe, unsafe int    // requests with two attempts
		failure      string // of what is not safe; it ends without an error if empty
	}{
		"an answer that ends cleanly": {answers("data\n\n"), unlimited + 1, 1, ""},
		"an empty answer":             {answers(), 3, 1, ""},
		"an answer that breaks off":   {breaks("data\n\n"), unlimited + 1, 1, "read event stream: "},
		"a break before any event":    {breaks(), 3, 3, "read event stream: "},
		"a refusal":                   {refuses(http.StatusForbidden), 1, 1, "open event stream: expected status 200 but was 403"},
		"204":                         {refuses(http.StatusNoContent), 1, 1, ""},
		"429":                         {refuses(http.StatusTooManyRequests), 3, 3, "open event stream: expected status 200 but was 429"},
		"429 with Retry-After":        {refuses(http.StatusTooManyRequests, "Retry-After", "60"), 3, 3, "open event stream: expected status 200 but was 429"},
		"500":                         {refuses(http.StatusInternalServerError), 3, 3, "open event stream: expected status 200 but was 500"},
		"501":                         {refuses(http.StatusNotImplemented), 1, 1, "open event stream: expected status 200 but was 501"},
		"503":                         {refuses(http.StatusServiceUnavailable), 3, 3, "open event stream: expected status 200 but was 503"},
		"no connection":               {nil, 3, 3, `/": connection refused`},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				for method, safe := range methods {
					h := start(t, protocol, repeat(unlimited, test.step)...)
					tries := 0
					transport := h.client.Transport
					h.client.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
						tries++
						if test.step == nil {
							return nil, errRefused
						}
						return transport.RoundTrip(r)
					})
					request, err := http.NewRequestWithContext(t.Context(), method, "http://test/", strings.NewReader("question"))
					require.NoError(t, err)
					_, err = collect(eventsource.New(request, h.use, attempts(2)))
					want := test.unsafe
					if safe {
						want = test.safe
					}
					assert.Equal(t, want, tries, method)
					if test.failure == "" || want > unlimited {
						assert.NoError(t, err, method)
					} else {
						assert.ErrorContains(t, err, test.failure, method)
					}
					for _, received := range h.received() {
						assert.Equal(t, "question", received.body)
					}
				}
			})
		})
	}
}

// A number of attempts is one of requests, however much each has delivered: what
// it does may be dear.
func TestAttemptsOfWhatIsNotSafeCountTogether(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for limit, want := range map[int]int{0: 1, 1: 2, 3: 4, -1: 13} {
			var steps []http.HandlerFunc
			for i := range 12 {
				steps = append(steps, breaks(fmt.Sprintf("id: %d\ndata: half\n\n", i)))
			}
			h := start(t, protocol, steps...)
			_, err := collect(eventsource.New(post(t, strings.NewReader("x")), h.use, attempts(limit)))
			assert.Equal(t, limit != -1, err != nil)
			assert.Len(t, h.received(), want)
		}
	})
}

// A loop that puts an answer together must not be given its beginning twice, so
// what is not safe is asked again only if the server can tell where to go on:
// NuGuardAI/nuguard#455, endolith/open-interpreter#291, aden-hive/hive#5923.
func TestAnswerIsNotBegunAgainInItsMiddle(t *testing.T) {
	for name, test := range map[string]struct {
		first string
		again bool
	}{
		"nothing has come":          {"", true},
		"comments have come":        {": thinking\n\n", true},
		"half an event has come":    {"id: 2\ndata: a", true},
		"an ID has come, no event":  {"id: 2\n\n", true},
		"an event has come":         {"data: a\n\n", false},
		"it goes on behind its ID":  {"id: 2\ndata: a\n\n", true},
		"its ID is the one of then": {"id: 1\ndata: a\n\n", false},
		"its ID is taken back":      {"id: 2\ndata: a\n\nid\ndata: b\n\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, breaks(test.first), answers("data: the end\n\n"))
				events, err := collect(eventsource.New(post(t, strings.NewReader("x")), h.use, attempts(1), withComments,
					func(c *eventsource.Config) { c.LastEventID = "1" }))
				if test.again {
					assert.NoError(t, err)
					assert.Equal(t, "the end", data(events)[len(events)-1])
					assert.Len(t, h.received(), 2)
				} else {
					assert.ErrorContains(t, err, "read event stream: ")
					assert.Len(t, h.received(), 1)
				}
			})
		})
	}
}

// Whoever wants the next answer loops again.
func TestAnotherLoopSendsAPostAgain(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, answers("id: 1\ndata: a\n\n"), answers("data: b\n\n"))
		stream := eventsource.New(post(t, strings.NewReader("x")), h.use)
		for _, want := range []string{"a", "b"} {
			events, err := collect(stream)
			assert.NoError(t, err)
			assert.Equal(t, []string{want}, data(events))
		}
		requests := h.received()
		require.Len(t, requests, 2)
		assert.Equal(t, "1", requests[1].Header.Get("Last-Event-ID"))
		assert.Equal(t, "x", requests[1].body)
	})
}
