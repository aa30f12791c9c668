package plugintest

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// event is a piece of a stream, up to the blank line that ends an event, and when
// it arrived.
type event struct {
	after time.Duration
	text  string
}

// head is the head of a response, and its trailer.
type head struct {
	status   string
	header   http.Header
	trailer  http.Header
	length   int64
	transfer []string
}

// receive requests a stream and reads all of it.
func (h *host) receive(t *testing.T, method string, body io.Reader) (begin head, events []event) {
	t.Helper()
	began := time.Now()
	h.ask(method, body, func(response *http.Response) {
		events = readEvents(t, response.Body, began)
		begin = head{
			response.Proto + " " + response.Status, response.Header, response.Trailer,
			response.ContentLength, response.TransferEncoding,
		}
	})
	return begin, events
}

// readEvents reads a stream to its end. What follows the last event counts as
// one more.
func readEvents(t *testing.T, body io.Reader, began time.Time) (events []event) {
	t.Helper()
	var pending bytes.Buffer
	for buffer := make([]byte, 4096); ; {
		n, err := body.Read(buffer)
		pending.Write(buffer[:n])
		for {
			end := bytes.Index(pending.Bytes(), []byte("\r\n\r\n"))
			if end < 0 {
				break
			}
			events = append(events, event{time.Since(began), string(pending.Next(end + 4))})
		}
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
	}
	if pending.Len() > 0 {
		events = append(events, event{time.Since(began), pending.String()})
	}
	return events
}

// checkEvents: a stream is the same with the plugin and without it.
func checkEvents(t *testing.T, p *probe) {
	for name, handler := range map[string]app.Handler{"marked": respondEvents, "by hand": writeEvents} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead} {
			t.Run(name+" "+method, func(t *testing.T) {
				var wantHead, gotHead head
				var want, got []event
				ask := func(begin *head, events *[]event) func(*testing.T, *host) {
					return func(t *testing.T, h *host) {
						var body io.Reader
						if method == http.MethodPost {
							body = strings.NewReader("a body that is not read")
						}
						*begin, *events = h.receive(t, method, body)
					}
				}
				p.without().bubble(t, handler, ask(&wantHead, &want))
				p.bubble(t, handler, ask(&gotHead, &got))
				for _, added := range p.adds {
					wantHead.header.Del(added)
					gotHead.header.Del(added)
				}
				assert.Equal(t, wantHead, gotHead)
				assert.Equal(t, method == http.MethodHead, len(want) == 0)
				assertEvents(t, want, got)
			})
		}
	}
}

// assertEvents names the first event that differs, in part: events may be long.
func assertEvents(t *testing.T, want, got []event) {
	t.Helper()
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(want):
			t.Errorf("after %v there is %.80q, which is not there without the plugin", got[i].after, got[i].text)
		case i >= len(got):
			t.Errorf("after %v there should be %.80q, as without the plugin", want[i].after, want[i].text)
		case want[i] != got[i]:
			t.Errorf("after %v there is %.80q; without the plugin it is %.80q after %v",
				got[i].after, got[i].text, want[i].text, want[i].after)
		default:
			continue
		}
		return
	}
}

// respondEvents responds with a stream of sse.Respond: short events and long
// ones, a comment, a heartbeat, silence.
func respondEvents(c *app.Call) error {
	return sse.Respond(c, func(s *sse.Session) error {
		for _, event := range []sse.Event{
			{Data: "first"},
			{ID: "2", Event: "named", Data: "two\nlines", Retry: time.Second},
			{Data: strings.Repeat("long and longer ", 500)},
			{Comments: "a comment"},
			{Data: "ä€😀"},
		} {
			if err := s.Send(event); err != nil {
				return err
			}
			if err := s.Delay(time.Minute); err != nil {
				return err
			}
		}
		s.Heartbeat(func(h *sse.HeartbeatConfig) { h.Period = 25 * time.Minute })
		return s.Delay(time.Hour)
	})
}

// writeEvents is a net/http handler that knows nothing of plugins: only the
// Content-Type shows that it streams events.
func writeEvents(c *app.Call) error {
	return app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		controller := http.NewResponseController(w)
		for _, data := range []string{"first", strings.Repeat("long ", 1000), "last"} {
			_, _ = io.WriteString(w, "data: "+data+"\r\n\r\n")
			if controller.Flush() != nil || wait(r.Context(), time.Minute) != nil {
				return
			}
		}
	}))(c)
}

// checkClientGone: a session ends at once when its client has left.
func checkClientGone(t *testing.T, p *probe) {
	var ended time.Time
	var cause error
	p.bubble(t, func(c *app.Call) error {
		return sse.Respond(c, func(s *sse.Session) error {
			_ = s.SendText("here")
			cause = s.Delay(24 * time.Hour)
			ended = time.Now()
			return cause
		})
	}, func(t *testing.T, h *host) {
		h.ask(http.MethodGet, nil, func(response *http.Response) {
			_, err := io.ReadFull(response.Body, make([]byte, 4))
			require.NoError(t, err)
			require.NoError(t, wait(t.Context(), time.Hour))
		}) // leaves
		left := time.Now()
		synctest.Wait()
		assert.ErrorIs(t, cause, sse.ErrClientGone)
		assert.Equal(t, left, ended)
	})
}

// checkStop: a stream does not delay the stop of the application.
func checkStop(t *testing.T, p *probe) {
	p.bubble(t, func(c *app.Call) error {
		return sse.Respond(c, func(s *sse.Session) error {
			_ = s.SendText("here")
			return s.Delay(24 * time.Hour)
		})
	}, func(t *testing.T, h *host) {
		h.ask(http.MethodGet, nil, func(response *http.Response) {
			require.NoError(t, wait(t.Context(), time.Hour))
			stopped := time.Now()
			h.Stop()
			// A client of HTTP/2 has that time to read GOAWAY.
			assert.LessOrEqual(t, time.Since(stopped), 100*time.Millisecond, "the stop took time")
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err, "the stream has no end")
			assert.Equal(t, "data: here\r\n\r\n", string(body))
		})
	})
}

// checkParked: a stream that only listens to a hub does so without a goroutine, which
// code around handlers would keep.
func checkParked(t *testing.T, p *probe) {
	var hub *sse.Hub
	p.bubbleOf(t, func(a *app.Application, r *routing.Route) {
		hub = sse.NewHub(a)
		r.SSE("", func(s *sse.Session) error { return hub.Join(s, "news") })
	}, func(t *testing.T, h *host) {
		h.request = append([]apptest.RequestOption{apptest.Header("Accept", "text/event-stream")}, h.request...)
		h.ask(http.MethodGet, nil, func(response *http.Response) {
			require.NoError(t, wait(t.Context(), time.Minute))
			synctest.Wait()
			sessions, _ := sse.SessionsOf(h.Application())
			stats := sessions.Stats()
			assert.Equal(t, !p.holds, stats.Parked == 1, "parked; held: %+v", stats.Held)
			require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: "late"}))
			hub.Close()
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err, "the stream has no end")
			assert.Contains(t, string(body), "data: late\r\n")
		})
	})
}
