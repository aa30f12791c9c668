package sse_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// TestALastEventIsSentBetweenTwoEventsAlone, and behind what the handler says itself.
func TestALastEventIsSentBetweenTwoEventsAlone(t *testing.T) {
	t.Parallel()
	bye := func(c *sse.AdoptConfig) {
		c.LastEvent = func(s *sse.Session, cause error) sse.Event {
			return sse.Event{Event: "error", Data: fmt.Sprint(s.Call().Route(), " ", cause)}
		}
	}
	ended := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "data: own\n\n") }
	const said = "event: error\r\ndata: /foreign application is stopping\r\n\r\n"
	for name, test := range map[string]struct {
		stream foreign
		want   string
	}{
		"between":            {foreign{"data: a\n\n", time.Hour}, "data: a\n\n" + said},
		"inside":             {foreign{"data: a\n\ndata: ", time.Hour}, "data: a\n\ndata: "},
		"behind half a CRLF": {foreign{"data: a\r\n\r", time.Hour}, "data: a\r\n\r"},
		"behind half a mark": {foreign{"\xef\xbb", time.Hour}, "\xef\xbb"},
		"behind its own": {foreign{"data: a\n\n", func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			ended(w, r)
		}}, "data: a\n\ndata: own\n\n" + said},
		"of one that has returned": {foreign{"data: a\n\n"}, "data: a\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol string) {
				h := startWith(t, protocol, func(c *sse.Config) { c.StopRetry = time.Second }, adopted(test.stream, bye))
				response := h.get("/foreign")
				settle()
				assert.Zero(t, h.stop())
				body, err := rest(response)
				require.NoError(t, err)
				assert.Equal(t, test.want, body)
			})
		})
	}
}

// TestTheLastEventIDIsThatOfTheRequest, as a middleware around has left it.
func TestTheLastEventIDIsThatOfTheRequest(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		h := start(t, "HTTP/1.1", func(r *routing.Route) {
			r.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					r = r.Clone(r.Context())
					r.Header.Set("Last-Event-ID", r.URL.Query().Get("lastEventId"))
					next.ServeHTTP(w, r)
				})
			})
			adopted(foreign{"data: a\n\n", time.Hour})(r)
		})
		response := h.get("/foreign?lastEventId=7")
		settle()
		for s := range h.sessions().All() {
			assert.Equal(t, "7", s.LastEventID())
			s.Close()
		}
		body, err := rest(response)
		require.NoError(t, err)
		assert.Equal(t, "data: a\n\n", body)
	})
}
