package sse_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

// FuzzAdopt: whatever a foreign handler writes, split wherever it likes, its bytes
// arrive as they are but for heartbeats, and whoever reads the stream finds the same
// events as without them.
func FuzzAdopt(f *testing.F) {
	for _, text := range []string{
		"data: a\n\ndata: b\n\n", "data: a\r\n\r\n: c\r\n\r\nid: 7\r\n\r\n", "data: a\r\rdata: b\r\r", "\xef\xbb\xbfdata: a\n\n",
		": ok\n\nevent: message\nid: 1_2\ndata: {\"a\":\ndata: 1}\n\n", "retry: 3\n\n\n\ndata\n\n", "data: a\n\r\ndata: b\r\n\n", "\r", "\n\r\r\n:",
	} {
		f.Add([]byte(text), []byte{1, 7, 8, 9, 2})
		f.Add([]byte(text), []byte{3, 1, 1, 1})
	}
	f.Fuzz(func(t *testing.T, text, splits []byte) {
		if len(text) > 200 || len(splits) > 40 || bytes.Contains(text, []byte("heartbeat")) {
			return
		}
		var got string
		synctest.Test(t, func(t *testing.T) {
			h := start(t, "HTTP/1.1", adopted(split(text, splits)))
			body, err := rest(h.get("/foreign"))
			require.NoError(t, err)
			got = body
		})
		want := string(text)
		if strings.HasPrefix(got, foreignBeat) {
			want = strings.TrimPrefix(want, "\xef\xbb\xbf")
		}
		require.Equal(t, want, strings.ReplaceAll(got, foreignBeat, ""))
		require.Equal(t, eventsIn(t, string(text)), eventsIn(t, got))
	})
}

// split returns a handler that writes text in pieces, with pauses after some.
func split(text, splits []byte) http.Handler {
	stream := foreign{}
	for i := 0; len(text) > 0; i++ {
		length := len(text)
		if len(splits) > 0 {
			length = min(length, int(splits[i%len(splits)]%16))
		}
		stream = append(stream, string(text[:length]))
		if text = text[length:]; i < 20 && (len(splits) == 0 || splits[i%len(splits)]&16 == 0) {
			stream = append(stream, 20*time.Second)
		}
		if length == 0 && i > 40 { // each split is 0
			stream, text = append(stream, string(text)), nil
		}
	}
	return stream
}

// eventsIn returns the events that a client finds in a stream.
func eventsIn(t *testing.T, text string) []sse.Event {
	t.Helper()
	return collect(t, sse.NewReader(strings.NewReader(text)))
}

// TestAHeartbeatMeetsWritesAtAnyMoment: -race sees none that meet.
func TestAHeartbeatMeetsWritesAtAnyMoment(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, adopted(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
			defer cancel()
			for ctx.Err() == nil {
				for _, piece := range []string{"data: a\n", "data: b\n", "\n"} {
					_, _ = io.WriteString(w, piece)
					_ = http.NewResponseController(w).Flush()
					elapse(time.Millisecond)
				}
			}
		}), func(c *sse.AdoptConfig) { c.Heartbeat = time.Millisecond }))
		body, err := rest(h.get("/foreign"))
		require.NoError(t, err)
		require.Empty(t, strings.ReplaceAll(strings.ReplaceAll(body, foreignBeat, ""), "data: a\ndata: b\n\n", ""))
		require.Contains(t, body, foreignBeat)
	})
}

// TestAHeartbeatMeetsWhatPassesTheStream: a head that comes too late, and a deadline.
func TestAHeartbeatMeetsWhatPassesTheStream(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, adopted(streams(func(w http.ResponseWriter, _ *http.Request) {
			for range 200 {
				elapse(time.Millisecond)
				w.WriteHeader(http.StatusEarlyHints)
				_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
			}
		}), func(c *sse.AdoptConfig) { c.Heartbeat = time.Millisecond }))
		body, err := rest(h.get("/foreign"))
		require.NoError(t, err)
		require.Equal(t, "data: a\n\n", strings.ReplaceAll(body, foreignBeat, ""))
	})
}
