package eventsource_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/client/eventsource"
	"github.com/chitor-go/chitor/plugins/sse"
)

// streamCases is the table of plugins/sse, without the cases that are about
// encoding.
type streamCases struct {
	ParseCases []struct {
		ID     string `json:"id"`
		Input  string `json:"input"`
		Events []struct {
			Type        string `json:"type"`
			Data        string `json:"data"`
			LastEventID string `json:"lastEventId"`
		} `json:"events"`
		FinalLastEventID   string `json:"final_last_event_id"`
		ReconnectionTimeMS *int64 `json:"reconnection_time_ms"`
		ChunkSizes         []int  `json:"chunk_sizes"`
		ChunkEvery         int    `json:"chunk_every"`
	} `json:"parse_cases"`
	HTTPCases []httpCase `json:"http_cases"`
}

type httpCase struct {
	ID       string `json:"id"`
	Response struct {
		ContentType string `json:"content_type"`
	} `json:"response"`
	Statuses    []int  `json:"statuses"`
	LastEventID string `json:"last_event_id"`
}

func loadCases(t *testing.T) streamCases {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "plugins", "sse", "testdata", "event-stream-cases.json"))
	require.NoError(t, err)
	var cases streamCases
	require.NoError(t, json.Unmarshal(text, &cases))
	return cases
}

// chunks cuts a text as a case asks.
func chunks(text string, sizes []int, every int) []string {
	var all []string
	for text != "" {
		size := len(text)
		if every > 0 {
			size = min(size, every)
		}
		if len(sizes) > 0 {
			size, sizes = min(size, sizes[0]), sizes[1:]
		}
		all, text = append(all, text[:size]), text[size:]
	}
	return all
}

// TestParseCases sends every stream over the network and reconnects at its end,
// which shows the last event ID and the reconnection time.
func TestParseCases(t *testing.T) {
	cases := loadCases(t).ParseCases
	require.Len(t, cases, 77)
	for _, test := range cases {
		t.Run(test.ID, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, answers(chunks(test.Input, test.ChunkSizes, test.ChunkEvery)...))
				var want []sse.Event
				for _, event := range test.Events {
					want = append(want, sse.Event{
						Event: strings.TrimSuffix(event.Type, "message"), Data: event.Data, ID: event.LastEventID,
					})
				}
				var log journal
				got, err := collect(h.stream(log.keep))
				require.NoError(t, err)
				for i := range got {
					got[i].Retry = 0 // a browser does not show it
				}
				assert.Equal(t, want, got)
				requests := h.received()
				require.Len(t, requests, 2)
				assert.Equal(t, test.FinalLastEventID, requests[1].Header.Get("Last-Event-ID"))
				base := 3 * time.Second
				if test.ReconnectionTimeMS != nil {
					base = max(time.Duration(*test.ReconnectionTimeMS)*time.Millisecond, 100*time.Millisecond)
				}
				require.Len(t, log.waits, 1)
				assert.GreaterOrEqual(t, log.waits[0], base)
				assert.Less(t, log.waits[0], 2*base)
			})
		})
	}
}

// notApplicable are the cases that no client but a browser has.
var notApplicable = map[string]string{
	"wpt-preflight-long":   "there is no origin, so there is no preflight",
	"wpt-preflight-unsafe": "there is no origin, so there is no preflight",
}

// strict makes a stream as strict about statuses as a browser.
func strict(c *eventsource.Config) { c.RetryStatuses = nil }

// refused asserts that a response ends a stream for good, with one request.
func refused(t *testing.T, protocol string, status int, step http.HandlerFunc) {
	t.Helper()
	h := start(t, protocol, step, answers("data: again\n\n"))
	events, err := collect(h.stream(strict))
	assert.Empty(t, events)
	assert.Len(t, h.received(), 1)
	if status == http.StatusNoContent {
		assert.NoError(t, err)
		return
	}
	var response *eventsource.ResponseError
	require.ErrorAs(t, err, &response)
	assert.Equal(t, status, response.StatusCode)
}

// sendsID asserts what the second request says after a stream; "" means that
// the header is absent.
func sendsID(t *testing.T, protocol, body, want string) {
	t.Helper()
	_, requests := reconnected(t, protocol, body)
	var values []string
	if want != "" {
		values = []string{want}
	}
	assert.Equal(t, values, requests[1].Header.Values("Last-Event-ID"))
	assert.Equal(t, http.MethodGet, requests[1].Method)
}

var httpCases = map[string]func(t *testing.T, protocol string, test httpCase){
	"wpt-format-mime-bogus": func(t *testing.T, protocol string, test httpCase) {
		refused(t, protocol, http.StatusOK, typed(test.Response.ContentType))
	},
	"wpt-format-mime-valid-bogus": func(t *testing.T, protocol string, test httpCase) {
		refused(t, protocol, http.StatusOK, typed(test.Response.ContentType))
	},
	"wpt-format-mime-trailing-semicolon": func(t *testing.T, protocol string, test httpCase) {
		opened(t, protocol, "\u00e9", typed(test.Response.ContentType))
	},
	"wpt-format-utf-8": func(t *testing.T, protocol string, test httpCase) {
		opened(t, protocol, "\u00e9", typed(test.Response.ContentType))
	},
	"wpt-request-status-error": func(t *testing.T, protocol string, test httpCase) {
		for _, status := range test.Statuses {
			refused(t, protocol, status, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				w.WriteHeader(status)
				_, _ = w.Write([]byte("data: data\n\n"))
			})
		}
	},
	"wpt-request-redirect": func(t *testing.T, protocol string, test httpCase) {
		for _, status := range test.Statuses {
			opened(t, protocol, "there", refuses(status, "Location", "/elsewhere"), answers("data: there\n\n"))
		}
	},
	"wpt-request-accept": func(t *testing.T, protocol string, _ httpCase) {
		_, requests := reconnected(t, protocol, "data\n\n")
		assert.Equal(t, []string{"text/event-stream"}, requests[0].Header.Values("Accept"))
	},
	"wpt-request-cache-control": func(t *testing.T, protocol string, _ httpCase) {
		_, requests := reconnected(t, protocol, "data\n\n")
		assert.Equal(t, []string{"no-cache"}, requests[0].Header.Values("Cache-Control"))
	},
	"wpt-reconnect-200": func(t *testing.T, protocol string, _ httpCase) {
		events, requests := reconnected(t, protocol, "retry: 2\n", "data: data\n\n")
		assert.Equal(t, []string{"data"}, data(events))
		assert.Less(t, requests[1].after, time.Second)
	},
	"wpt-reconnect-ok-first": func(t *testing.T, protocol string, _ httpCase) {
		events, _ := reconnected(t, protocol, "retry: 2\ndata: ok\n\n", "data: data\n\n")
		assert.Equal(t, []string{"ok", "data"}, data(events))
	},
	"wpt-close-reconnect-fail": func(t *testing.T, protocol string, _ httpCase) {
		events, _ := reconnected(t, protocol, "retry: 2\ndata: opened\n\n", "data: reconnected\n\n")
		assert.Equal(t, []string{"opened", "reconnected"}, data(events))
	},
	"wpt-format-field-id-2": func(t *testing.T, protocol string, _ httpCase) {
		events, requests := reconnected(t, protocol, "id: …\nretry: 200\ndata: hello\n\n", "data\n\n", "data\n\n")
		for i, event := range events {
			assert.Equal(t, "…", event.ID)
			assert.Equal(t, "\xe2\x80\xa6", requests[i+1].Header.Get("Last-Event-ID"))
		}
	},
	"wpt-format-field-id-null": func(t *testing.T, protocol string, _ httpCase) {
		sendsID(t, protocol, "id: \x00 \x00\nretry: 200\ndata: hello\n\n", "")
	},
	"wpt-format-data-before-final-empty-line": func(t *testing.T, protocol string, _ httpCase) {
		sendsID(t, protocol, "retry:1000\ndata:test1\n\nid:test\ndata:test2\n", "")
	},
	"wpt-preflight-safe": func(t *testing.T, protocol string, test httpCase) {
		sendsID(t, protocol, "id: "+test.LastEventID+"\ndata\n\n", test.LastEventID)
	},
	"ld-defaults": func(t *testing.T, protocol string, _ httpCase) {
		_, requests := reconnected(t, protocol, "data\n\n")
		assert.Equal(t, http.MethodGet, requests[0].Method)
		assert.Equal(t, "text/event-stream", requests[0].Header.Get("Accept"))
		assert.Equal(t, "no-cache", requests[0].Header.Get("Cache-Control"))
		assert.Empty(t, requests[0].Header.Values("Last-Event-ID"))
	},
	"ld-204": func(t *testing.T, protocol string, _ httpCase) {
		refused(t, protocol, http.StatusNoContent, refuses(http.StatusNoContent))
	},
	"ld-redirect": func(t *testing.T, protocol string, test httpCase) {
		for _, status := range test.Statuses {
			opened(t, protocol, "there", refuses(status, "Location", "/elsewhere"), answers("data: there\n\n"))
			refused(t, protocol, status, refuses(status))
			refused(t, protocol, status, refuses(status, "Location", ""))
		}
	},
	"ld-reconnect-id": func(t *testing.T, protocol string, _ httpCase) {
		sendsID(t, protocol, "id: abc\ndata: Hello\n\n", "abc")
	},
	"ld-reconnect-id-kept": func(t *testing.T, protocol string, _ httpCase) {
		sendsID(t, protocol, "id: abc\ndata: Hello\n\ndata: World\n\n", "abc")
	},
	"ld-reconnect-id-emptied": func(t *testing.T, protocol string, _ httpCase) {
		sendsID(t, protocol, "id: abc\ndata: Hello\n\nid: \ndata: World\n\n", "")
	},
	"ld-resend-body": func(t *testing.T, protocol string, _ httpCase) {
		h := start(t, protocol, breaks("data\n\n"), breaks("data\n\n"))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://test/", strings.NewReader(`{"a":1}`))
		require.NoError(t, err)
		events, err := collect(eventsource.New(request, h.use, attempts(-1), func(c *eventsource.Config) { c.Restart = true }))
		require.NoError(t, err)
		assert.Len(t, events, 2)
		for _, request := range h.received() {
			assert.Equal(t, http.MethodPost, request.Method)
			assert.Equal(t, `{"a":1}`, request.body)
		}
		assert.Len(t, h.received(), 3)
	},
}

func TestHTTPCases(t *testing.T) {
	cases := loadCases(t).HTTPCases
	require.Len(t, cases, 24)
	require.Len(t, httpCases, 22)
	require.Len(t, notApplicable, 2)
	for _, test := range cases {
		if _, ok := notApplicable[test.ID]; ok {
			continue
		}
		run := httpCases[test.ID]
		require.NotNil(t, run, test.ID)
		t.Run(test.ID, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) { run(t, protocol, test) })
		})
	}
}
