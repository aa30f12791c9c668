package mcphttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

const adasCard = "s\x01s\x00\x00" + `{"user":"ada"}`

// written is a record with a message of 872 bytes, which counts 1000.
func written(stream string, index byte) string {
	return "m\x01s" + string(rune(len(stream))) + stream + string(rune(index)) + strings.Repeat("1", 872)
}

// keepThree keeps three of those messages.
func keepThree(c *mcphttp.StoreConfig) { c.MaxSessionBytes = 3000 }

// A client comes back when messages have gone that it has not had: it is told so.
// One that has had nothing gets what there is.
func TestClientsThatComeBackTooLate(t *testing.T) {
	for name, test := range map[string]struct {
		stream string
		last   string // the event, or the offset of the event without a stream
		want   int
		count  int
	}{
		"no event":                   {"", "", 200, 3},
		"the newest alone":           {"", "6", 200, 0},
		"the last that has gone":     {"", "3", 200, 3},
		"one before":                 {"", "2", 400, 0},
		"the newest of a stream":     {"x", "x_4", 200, 0},
		"the last gone of a stream":  {"x", "x_1", 200, 3},
		"one before that":            {"x", "x_0", 400, 0},
		"a stream that has all gone": {"x", "y_0", 400, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broker := sse.NewMemoryBroker(0)
				host := apptest.Start(t, kit{broker: broker, store: keepThree}.module)
				publish(t, broker, adasCard)
				for i := range 5 {
					publish(t, broker, written(test.stream, byte(i)))
				}
				var headers []string
				switch position, err := broker.Last(t.Context()); {
				case test.stream != "":
					headers = []string{"Last-Event-ID", test.last}
				case test.last != "":
					require.NoError(t, err)
					position.Offset = uint64(test.last[0] - '0')
					headers = []string{"Last-Event-ID", "_" + position.String()}
				}
				response := ask(host, http.MethodGet, "ada", "s", "", headers...)
				require.Equal(t, test.want, response.StatusCode)
				if test.want == http.StatusOK {
					publish(t, broker, written(test.stream, 5))
					assert.Len(t, ssetest.Take(t, response.Body, test.count+1), test.count+1)
				}
				require.NoError(t, response.Body.Close())
			})
		})
	}
}

// What a node reads on from in a new log is not where it was in the one before.
func TestAReaderOfALogThatHasBegunAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		host := apptest.Start(t, kit{broker: broker, store: keepThree}.module)
		publish(t, broker, adasCard)
		for i := range 5 {
			publish(t, broker, written("", byte(i)))
		}
		synctest.Wait()
		broker.Reset()
		time.Sleep(2 * time.Second)
		publish(t, broker, "m\x01f\x01x\x00a") // so that it is as long as the old one at the card
		stream := ask(host, http.MethodGet, "ada", "s", "")
		publish(t, broker, written("", 0))
		ssetest.Take(t, stream.Body, 1)
		require.NoError(t, stream.Body.Close())
		// The log is told of the session again, for those who know the new one alone.
		late := apptest.Start(t, kit{broker: broker}.module)
		assert.Equal(t, 200, status(t, ask(late, http.MethodGet, "ada", "s", "")))
	})
}

// While a client reads, what it has not had goes: its stream ends.
func TestReadersThatAreOvertaken(t *testing.T) {
	for name, records := range map[string][]string{
		"the stream goes":         {written("y", 0), written("y", 1), written("y", 2)},
		"one that was not stored": {written("x", 5)},
		"the session goes":        {"x\x01s\x00\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broker := sse.NewMemoryBroker(0)
				host := apptest.Start(t, kit{broker: broker, store: keepThree}.module)
				publish(t, broker, adasCard, written("x", 0))
				stream := ask(host, http.MethodGet, "ada", "s", "", "Last-Event-ID", "x_0")
				synctest.Wait()
				publish(t, broker, records...)
				assert.Equal(t, ": ok\n\n", apptest.Text(t, stream))
			})
		})
	}
}

// A blocked is a client that does not read before it is released.
type blocked struct {
	*httptest.ResponseRecorder

	released chan struct{}
}

func (b *blocked) Write(p []byte) (int, error) {
	<-b.released
	return b.ResponseRecorder.Write(p)
}

// request is a GET of the session s that is sent past the network.
func request(ctx context.Context) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/mcp", nil)
	r.Header.Set("Authorization", "Bearer ada")
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Mcp-Session-Id", "s")
	return r
}

// A client that is too slow gets no messages behind a gap.
func TestASlowReaderIsOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		host := apptest.Start(t, kit{broker: broker, store: keepThree}.module)
		publish(t, broker, adasCard)
		client := &blocked{httptest.NewRecorder(), make(chan struct{})}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			host.Application().ServeHTTP(client, request(t.Context()))
		}()
		synctest.Wait()
		for i := range 5 {
			publish(t, broker, written("", byte(i)))
		}
		synctest.Wait()
		close(client.released)
		<-ended
		assert.Equal(t, ": ok\n\n", client.Body.String())
	})
}

// A message without data says nothing to whoever has an ID already.
func TestEventsWithoutData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		host := apptest.Start(t, kit{broker: broker}.module)
		publish(t, broker, adasCard, "m\x01s\x01x\x00", "m\x01s\x01x\x01", "a\x01s\x01x\x02{}")
		got := ask(host, http.MethodGet, "ada", "s", "", "Last-Event-ID", "x_0")
		assert.Equal(t, "text/event-stream", got.Header.Get("Content-Type"))
		assert.Equal(t, "no-cache, no-transform", got.Header.Get("Cache-Control"))
		assert.Equal(t, ": ok\n\nevent: message\nid: x_2\ndata: {}\n\n", apptest.Text(t, got))
	})
}

func TestWhatAClientAccepts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		host := apptest.Start(t, kit{broker: broker}.module)
		publish(t, broker, adasCard)
		for accept, want := range map[string]int{
			"text/event-stream": 200, "application/json, TEXT/event-stream;q=0.5": 200, "text/*": 200, "*/*": 200,
			"": 400, "text/html": 400, "application/json;x=text/event-stream": 400,
		} {
			assert.Equal(t, want, status(t, ask(host, http.MethodGet, "ada", "s", "", "Accept", accept)), accept)
		}
	})
}

// The log cannot be read: nobody is told that a session or an event is unknown.
func TestALogThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := newWatched(0)
		host := apptest.Start(t, kit{broker: broker}.module)
		id := begin(t, host, "ada")
		broker.fail("Last")
		assert.Equal(t, 503, status(t, ask(host, http.MethodGet, "ada", id, "")))
		assert.Equal(t, 503, status(t, ask(host, http.MethodGet, "ada", "other", "")))
		assert.Equal(t, 404, status(t, ask(host, http.MethodGet, "ada", strings.Repeat("s", 129), "")), "it need not be asked for")
		assert.Equal(t, 404, status(t, ask(host, http.MethodGet, "eve", id, "")))
		assert.Equal(t, 200, status(t, ask(host, http.MethodPost, "ada", id, call("0"))))
	})
}

// Whoever comes to read while the application stops, on a connection that it still
// serves, is sent on.
func TestAReaderThatComesWhileItsNodeStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		host := apptest.Start(t, kit{broker: broker}.module)
		publish(t, broker, adasCard)
		late, start := httptest.NewRecorder(), time.Now()
		err := host.Application().StopAfter(t.Context(), func(ctx context.Context) {
			host.Application().ServeHTTP(late, request(ctx))
			assert.Zero(t, time.Since(start))
		})
		require.NoError(t, err)
		assert.Equal(t, ": ok\n\n", late.Body.String())
	})
}

// slowly lets initialize take a second while on is true, and fail then with an error
// that is not nil.
func slowly(on *atomic.Bool, failure error) func(*mcp.Server) {
	return func(s *mcp.Server) {
		s.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
			return func(ctx context.Context, method string, r mcp.Request) (mcp.Result, error) {
				if !on.Load() || method != "initialize" {
					return next(ctx, method, r)
				}
				if time.Sleep(time.Second); failure != nil {
					return nil, failure
				}
				return next(ctx, method, r)
			}
		})
	}
}

// Two requests come to a node that has to be told of their session first: both are
// answered when that is done.
func TestRequestsThatComeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slow atomic.Bool
		k := kit{broker: sse.NewMemoryBroker(0), tools: slowly(&slow, nil)}
		one, two := apptest.Start(t, k.module), apptest.Start(t, k.module)
		id := begin(t, one, "ada")
		slow.Store(true)
		answers := make(chan *http.Response)
		for i := range 3 {
			body := strings.Replace(call("0"), `"id":7`, fmt.Sprintf(`"id":%d`, i), 1)
			go func() { answers <- ask(two, http.MethodPost, "ada", id, body) }()
		}
		for range 3 {
			assert.Equal(t, 200, status(t, <-answers))
		}
	})
}

// A node cannot be told of a session. All requests that wait for that learn that it
// is not so now, which is not that the session is unknown. The next one tries again.
func TestASessionThatCannotBeBrought(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fails atomic.Bool
		k := kit{broker: sse.NewMemoryBroker(0), tools: slowly(&fails, errors.New("not now"))}
		one, two := apptest.Start(t, k.module), apptest.Start(t, k.module)
		id := begin(t, one, "ada")
		fails.Store(true)
		answers := make(chan *http.Response)
		for range 3 {
			go func() { answers <- ask(two, http.MethodPost, "ada", id, call("0")) }()
		}
		for range 3 {
			assert.Equal(t, 503, status(t, <-answers))
		}
		fails.Store(false)
		answer := ask(two, http.MethodPost, "ada", id, call("0"))
		require.Equal(t, 200, answer.StatusCode)
		assert.Contains(t, apptest.Text(t, answer), "counted to 0")
	})
}
