package eventsource_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/client/eventsource"
)

func TestResponseError(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for name, test := range map[string]struct {
			status            int
			contentType, body string
			want              string
		}{
			"status": {404, "application/json", `{"error": "who?"}`, "open event stream: expected status 200 but was 404"},
			"type": {200, "text/html; charset=utf-8", "<h1>", "open event stream: expected content type text/event-stream " +
				`but was "text/html; charset=utf-8"`},
			"two types": {200, "text/event-stream, text/html", "", "open event stream: expected content type text/event-stream " +
				`but was "text/event-stream, text/html"`},
			"longer type": {200, "text/event-streamfoo", "", "open event stream: expected content type text/event-stream " +
				`but was "text/event-streamfoo"`},
			"none":      {200, "", "", `open event stream: expected content type text/event-stream but was ""`},
			"long type": {200, strings.Repeat("x", 1000), "", `open event stream: expected content type text/event-stream but was "` + strings.Repeat("x", 100) + `"`},
			"long body": {403, "text/plain", strings.Repeat("no ", 1<<20), "open event stream: expected status 200 but was 403"},
		} {
			h := start(t, protocol, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = []string{test.contentType}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			_, err := collect(h.stream())
			require.EqualError(t, err, test.want, name)
			var response *eventsource.ResponseError
			require.ErrorAs(t, err, &response)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.contentType, response.Header.Get("Content-Type"))
			assert.Equal(t, test.body[:min(len(test.body), 4<<10)], string(response.Body))
			assert.Len(t, h.received(), 1)
		}
	})
}

func TestTypesOfEventStreams(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for _, contentType := range []string{
			"text/event-stream", "Text/Event-Stream", " text/event-stream ; charset=utf-8", "text/event-stream;a=b;c", "text/event-stream;;",
		} {
			opened(t, protocol, "\u00e9", typed(contentType))
		}
	})
}

// Servers that name no type, or another one, are read if it is asked for:
// ktorio/ktor#5836. Nothing else is: not JSON with a status of 200, and not an
// event stream with another status.
func TestTypesThatAreAskedFor(t *testing.T) {
	types := func(all ...string) func(*eventsource.Config) {
		return func(c *eventsource.Config) { c.Types = all }
	}
	overEach(t, func(t *testing.T, protocol string) {
		for contentType, asked := range map[string][]string{
			"":                          {"text/plain", ""},
			"text/plain; charset=utf-8": {"Text/Plain"},
			"application/octet-stream":  {"application/octet-stream"},
			"TEXT/EVENT-STREAM":         {""},
		} {
			step := func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = []string{contentType}
				if contentType == "" {
					w.Header()["Content-Type"] = nil
				}
				send(w, "data: a\n\n")
			}
			events, err := collect(start(t, protocol, step).stream(attempts(0), types(asked...)))
			assert.NoError(t, err, contentType)
			assert.Equal(t, []string{"a"}, data(events), contentType)
		}
		for _, asked := range [][]string{nil, {""}, {"text/plain"}, {"application"}, {"application/*"}} {
			_, err := collect(start(t, protocol, typed("application/json")).stream(attempts(0), types(asked...)))
			assert.EqualError(t, err, `open event stream: expected content type text/event-stream but was "application/json"`)
		}
		failed := func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			typed("text/event-stream")(w, r)
		}
		_, err := collect(start(t, protocol, failed).stream(types("")))
		assert.EqualError(t, err, "open event stream: expected status 200 but was 400")
	})
}

// What an API says about an error is JSON, and a server of MCP may answer with
// JSON what it does not stream.
func TestBodiesThatAreNoStream(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		answer := `{"error":{"message":"quota","type":"insufficient_quota"},"text":"` + strings.Repeat("x", 10_000) + `"}`
		for limit, want := range map[int]int{-1: 0, 0: 0, 1: 1, 4 << 10: 4 << 10, 1 << 20: len(answer)} {
			for _, status := range []int{http.StatusOK, http.StatusPaymentRequired} {
				h := start(t, protocol, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "application/json")
					w.Header().Set("X-Request-Id", "req_1")
					w.WriteHeader(status)
					send(w, answer)
				})
				_, err := collect(eventsource.New(post(t, nil), h.use, func(c *eventsource.Config) {
					assert.Equal(t, 4<<10, c.MaxErrorBody)
					c.MaxErrorBody = limit
				}))
				var response *eventsource.ResponseError
				require.ErrorAs(t, err, &response)
				assert.Equal(t, answer[:want], string(response.Body))
				assert.Equal(t, "req_1", response.Header.Get("X-Request-Id"))
				assert.NotContains(t, err.Error(), "quota")
			}
		}
	})
}

func retryAfter(value string) (time.Duration, bool) {
	e := &eventsource.ResponseError{Header: http.Header{"Retry-After": {value}}}
	return e.RetryAfter()
}

func TestRetryAfter(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for value, want := range map[string]time.Duration{
			"0":                                0,
			"120":                              2 * time.Minute,
			" 007\t":                           7 * time.Second,
			"9223372036":                       9223372036 * time.Second,
			"9223372037":                       1<<63 - 1,
			"99999999999999999999":             1<<63 - 1,
			"Sat, 01 Jan 2000 00:01:00 GMT":    time.Minute, // a bubble begins in 2000
			"Saturday, 01-Jan-00 00:01:00 GMT": time.Minute,
			"Sat Jan  1 00:01:00 2000":         time.Minute,
			"Fri, 31 Dec 1999 23:59:59 GMT":    0,
			"Fri, 31 Dec 9999 23:59:59 GMT":    1<<63 - 1,
		} {
			got, ok := retryAfter(value)
			assert.True(t, ok, value)
			assert.Equal(t, want, got, value)
		}
		for _, value := range []string{"", " ", "-1", "+1", "1.5", "1 2", "1s", "0x1", "١", "soon", "Sat, 01 Jan 2000"} {
			_, ok := retryAfter(value)
			assert.False(t, ok, value)
		}
		_, ok := (&eventsource.ResponseError{}).RetryAfter()
		assert.False(t, ok)
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "120", "-1", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "Sat Jan  1 00:01:00 2000", "1\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		wait, ok := retryAfter(value)
		assert.GreaterOrEqual(t, wait, time.Duration(0))
		assert.True(t, ok || wait == 0)
	})
}
