package eventsource_test

import (
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
	"github.com/chitor-go/chitor/client/eventsource"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// relay is an application that passes on what it reads from a host, by
// POST. It reads on where its own client has left off.
func relay(h *host, configure ...func(*eventsource.Config)) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/relay", func(s *sse.Session) error {
				request, err := http.NewRequestWithContext(s.Context(), http.MethodPost, "http://test/", nil)
				if err != nil {
					return err
				}
				last := func(c *eventsource.Config) { c.LastEventID = s.LastEventID() }
				return s.SendAll(eventsource.New(request, append(configure, h.use, last)...).Events())
			})
		})
	}
}

// relayed runs a test in fake time, with the relay of a step.
func relayed(t *testing.T, step http.HandlerFunc, test func(t *testing.T, h *host, relay *apptest.Host), configure ...func(*eventsource.Config)) {
	t.Helper()
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			h := start(t, "HTTP/1.1", step)
			test(t, h, apptest.Start(t, relay(h, configure...), mode))
		})
	})
}

// What is read and sent on is the same to whoever reads it, but for what is
// written here: fields keep their values, not their bytes.
func TestRelayedEvents(t *testing.T) {
	for name, test := range map[string]struct{ upstream, want string }{
		"data":                {"data: a\n\ndata:b\ndata: c\n\n", "data: a\r\n\r\ndata: b\r\ndata: c\r\n\r\n"},
		"empty data":          {"data\n\n", "data: \r\n\r\n"},
		"every field":         {"id: 1\nretry: 5\nevent: e\ndata: a\n\n", "event: e\r\ndata: a\r\nid: 1\r\nretry: 5\r\n\r\n"},
		"an ID stays":         {"id: 1\ndata: a\n\ndata: b\n\n", "data: a\r\nid: 1\r\n\r\ndata: b\r\nid: 1\r\n\r\n"},
		"empty data of an ID": {"id: 1\ndata:\n\n", "data: \r\nid: 1\r\n\r\n"},
		"[DONE]":              {"data: [DONE]\n\n", "data: [DONE]\r\n\r\n"},
		"UTF-8":               {"event: \u00e9\ndata: \u00e9\xff\n\n", "event: \u00e9\r\ndata: \u00e9\ufffd\r\n\r\n"},
		"comments":            {": wait\n\ndata: a\n: b\n\n", ": wait\r\n\r\n: b\r\n\r\ndata: a\r\n\r\n"},
		// Nothing is dispatched for these, so that there is nothing to send on.
		"an ID alone":    {"id: 1\n\ndata: a\n\n", "data: a\r\nid: 1\r\n\r\n"},
		"retry alone":    {"retry: 5\n\ndata: a\n\n", "data: a\r\n\r\n"},
		"a type alone":   {"event: e\n\ndata: a\n\n", "data: a\r\n\r\n"},
		"empty comments": {":\n\ndata: a\n\n", "data: a\r\n\r\n"},
		"half an event":  {"data: a\n\ndata: b\n", "data: a\r\n\r\n"},
		// An event cannot say that there is no ID any more, nor that its data is
		// empty if all else it has is retry.
		"an ID that is taken back": {"id: 1\ndata: a\n\nid\ndata: b\n\n", "data: a\r\nid: 1\r\n\r\ndata: b\r\n\r\n"},
		"empty data with retry":    {"retry: 5\ndata\n\n", "retry: 5\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			relayed(t, answers(test.upstream), func(t *testing.T, _ *host, relay *apptest.Host) {
				assert.Equal(t, test.want, apptest.Text(t, relay.Get("/relay")))
			}, withComments)
		})
	}
}

// Each event is sent on when it has come.
func TestRelayedEventsArriveAtOnce(t *testing.T) {
	relayed(t, func(w http.ResponseWriter, r *http.Request) {
		answers()(w, r)
		for range 3 {
			time.Sleep(time.Minute)
			send(w, "data: a\n\n")
		}
	}, func(t *testing.T, h *host, relay *apptest.Host) {
		n := 0
		response := relay.Get("/relay")
		for _, err := range sse.NewReader(response.Body).All() {
			require.NoError(t, err)
			n++
			assert.Equal(t, time.Duration(n)*time.Minute, time.Since(h.began))
		}
		assert.Equal(t, 3, n)
	})
}

// The ID of whoever reads the relay is the one that is asked from.
func TestRelayResumes(t *testing.T) {
	relayed(t, answers("id: 8\ndata: a\n\n"), func(t *testing.T, h *host, relay *apptest.Host) {
		assert.Contains(t, apptest.Text(t, relay.Get("/relay", apptest.Header("Last-Event-ID", "7"))), "id: 8")
		assert.Equal(t, "7", h.received()[0].Header.Get("Last-Event-ID"))
	})
}

// What has been cut upstream is cut for whoever reads the relay: half an answer
// is never passed on as a whole one.
func TestRelayedCut(t *testing.T) {
	for name, step := range map[string]http.HandlerFunc{
		"broken off": breaks("data: a\n\n"), "without a last event": answers("data: a\n\n"),
		"an ID that no header can bear": answers("data: a\n\nid: \u00e9\ndata: [DONE]\n\n"),
	} {
		t.Run(name, func(t *testing.T) {
			relayed(t, step, func(t *testing.T, _ *host, relay *apptest.Host) {
				text, err := io.ReadAll(relay.Get("/relay").Body)
				assert.Error(t, err)
				assert.Equal(t, "data: a\r\n\r\n", string(text))
			}, untilDone)
		})
	}
}

// A reader that leaves the relay leaves the server too.
func TestRelayLeavesWithItsReader(t *testing.T) {
	relayed(t, func(w http.ResponseWriter, r *http.Request) {
		answers("data: a\n\n")(w, r)
		<-r.Context().Done()
		assert.ErrorContains(t, r.Context().Err(), "canceled")
	}, func(t *testing.T, _ *host, relay *apptest.Host) {
		response := relay.Get("/relay")
		for event, err := range sse.NewReader(response.Body).All() {
			require.NoError(t, err)
			require.Equal(t, "a", event.Data)
			break
		}
		require.NoError(t, response.Body.Close())
		synctest.Wait()
	})
}

// A model's answer with heartbeats on both sides is read to its end.
func TestRelayedAnswer(t *testing.T) {
	relayed(t, answers(": thinking\n\n", "data: {\"word\":\"a\"}\n\n", "data: [DONE]\n\n"), func(t *testing.T, _ *host, relay *apptest.Host) {
		request := requestTo(t, relay.URL+"/relay")
		stream := eventsource.New(request, untilDone, func(c *eventsource.Config) { c.HTTPClient = relay.Client() })
		got, err := words(stream)
		assert.NoError(t, err)
		assert.Equal(t, "a", strings.Join(got, " "))
	}, withComments, untilDone)
}
