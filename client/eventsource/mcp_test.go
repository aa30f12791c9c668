package eventsource_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/client/eventsource"
)

// The first event of an MCP stream is an ID without data, in one of two forms.
// It is where to go on, for a server that hangs up on purpose and says when to
// come back: modelcontextprotocol/modelcontextprotocol#1699,
// modelcontextprotocol/kotlin-sdk#590.
func TestServerThatHangsUpOnPurpose(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for _, first := range []string{"id: s_1\nretry: 500\ndata: \n\n", "event: prime\nid: s_1\nretry: 500\n\n"} {
			h := start(t, protocol, answers(first), breaks("id: s_2\ndata: {\"word\":\"a\"}\n\n"), answers())
			var log journal
			got, err := words(h.stream(log.keep, func(c *eventsource.Config) { c.MaxBackoff = 0 }))
			assert.NoError(t, err)
			assert.Equal(t, []string{"a"}, got)
			requests := h.received()
			require.Len(t, requests, 4)
			for i, want := range []string{"", "s_1", "s_2", "s_2"} {
				assert.Equal(t, want, requests[i].Header.Get("Last-Event-ID"))
			}
			assert.Equal(t, []time.Duration{500 * time.Millisecond, 500 * time.Millisecond, 500 * time.Millisecond}, log.waits)
		}
	})
}

// The stream of a POST is resumed by a GET, whatever has ended it:
// modelcontextprotocol/modelcontextprotocol#1847.
func TestPostThatIsResumedByAGet(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for name, first := range map[string]http.HandlerFunc{
			"on purpose": answers("id: s_1\ndata:\n\n"), "broken off": breaks("id: s_1\ndata:\n\n"),
		} {
			h := start(t, protocol, first, answers("id: s_2\ndata: {\"word\":\"a\"}\n\n"))
			question := eventsource.New(post(t, strings.NewReader("{}")), h.use)
			got, err := words(question)
			assert.Empty(t, got, name)
			assert.Equal(t, name != "on purpose", err != nil)

			got, err = words(h.stream(attempts(0), func(c *eventsource.Config) { c.LastEventID = question.LastEventID() }))
			assert.NoError(t, err)
			assert.Equal(t, []string{"a"}, got)
			assert.Equal(t, "s_1", h.received()[1].Header.Get("Last-Event-ID"))
		}
	})
}

// A server that has no stream says so once, and is not asked again:
// modelcontextprotocol/swift-sdk#90, google-gemini/gemini-cli#24847.
func TestServerThatHasNoStream(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for _, status := range []int{http.StatusMethodNotAllowed, http.StatusNotFound, http.StatusNotAcceptable, http.StatusGone} {
			h := start(t, protocol, refuses(status, "Allow", "POST"))
			_, err := collect(h.stream())
			var response *eventsource.ResponseError
			require.ErrorAs(t, err, &response)
			assert.Equal(t, status, response.StatusCode)
			assert.Equal(t, "POST", response.Header.Get("Allow"))
			assert.Len(t, h.received(), 1)
		}
	})
}

// A server whose streams end at once, and well, is not asked without end and
// without a pause: modelcontextprotocol/python-sdk#3257.
func TestServerThatEndsEachStreamAtOnce(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, repeat(20, answers())...)
		var log journal
		_, err := collect(h.stream(log.keep, attempts(5)))
		assert.NoError(t, err)
		assert.Len(t, h.received(), 6)
		for _, wait := range log.waits {
			assert.GreaterOrEqual(t, wait, 3*time.Second)
		}
	})
}
