package mcphttp_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

// publish puts records into a log, as another node does.
func publish(t *testing.T, broker sse.Broker, records ...string) {
	t.Helper()
	for _, each := range records {
		_, err := broker.Publish(t.Context(), "mcp", []byte(each))
		require.NoError(t, err)
	}
}

// The log has lost messages of other sessions. What it says of a session tells
// whether some of its own are among them that belong to no request.
func TestWhatMayHaveBeenLost(t *testing.T) {
	const filler = "m\x01f\x01x\x00a"
	alone := func(index byte) string {
		return "m\x01s\x00" + string(index) + `{"jsonrpc":"2.0","method":"notifications/message"}`
	}
	card := func(seen, alone int) string {
		return "s\x01s\x00\x00" + fmt.Sprintf(`{"user":"ada","seen":%d,"alone":%d}`, seen, alone)
	}
	for name, test := range map[string]struct {
		log   []string // the newest ones, behind ten that are lost
		last  uint64   // what the client had
		want  int
		count int // the messages that it gets
	}{
		"nothing since":                    {[]string{filler, card(11, 4)}, 4, 200, 0},
		"something since":                  {[]string{filler, card(11, 4)}, 3, 400, 0},
		"nobody has looked":                {[]string{filler, card(9, 4)}, 4, 400, 0},
		"somebody looked at the beginning": {[]string{card(10, 4)}, 4, 200, 0},
		"what is there":                    {[]string{filler, card(11, 4), alone(1)}, 4, 200, 1},
		"what stands before the card":      {[]string{alone(1), card(11, 11)}, 10, 200, 1},
		"more than stands before":          {[]string{alone(1), card(11, 11)}, 9, 400, 0},
		"before one that was not stored":   {[]string{card(10, 4), alone(0), alone(2)}, 11, 400, 0},
		"behind one that was not stored":   {[]string{card(10, 4), alone(0), alone(2)}, 12, 200, 1},
		"the second card changes nothing":  {[]string{card(10, 4), card(11, 11)}, 4, 200, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broker := sse.NewMemoryBroker(len(test.log))
				for range 10 {
					publish(t, broker, filler)
				}
				publish(t, broker, test.log...)
				host := apptest.Start(t, kit{broker: broker}.module)
				position, err := broker.Last(t.Context())
				require.NoError(t, err)
				position.Offset = test.last
				response := ask(host, http.MethodGet, "ada", "s", "", "Last-Event-ID", "_"+position.String())
				assert.Equal(t, test.want, response.StatusCode)
				if test.want == http.StatusOK {
					ssetest.Take(t, response.Body, test.count)
				}
				require.NoError(t, response.Body.Close())
			})
		})
	}
}

// A node says something of a session before it has heard of its end.
func TestASessionThatHasEndedStaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		host := apptest.Start(t, kit{broker: broker}.module)
		card := "s\x01s\x00\x00" + `{"user":"ada"}`
		publish(t, broker, card, "x\x01s\x00\x00", card)
		assert.Equal(t, 404, status(t, ask(host, http.MethodGet, "ada", "s", "")))
	})
}

// What is no card says nothing of its session, and nothing breaks.
func TestACardThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		host := apptest.Start(t, kit{broker: broker}.module)
		publish(t, broker, "s\x01s\x00\x00{", "m\x01s\x00\x00{}")
		assert.Equal(t, 404, status(t, ask(host, http.MethodGet, "ada", "s", "")))
		assert.Equal(t, 404, status(t, ask(host, http.MethodPost, "ada", "s", call("0"))))
	})
}

// The log is told of a session again when it has gone far since, and of the newest
// message that belongs to no request, so that nodes which start then know both.
func TestWhatTheLogIsToldAgain(t *testing.T) {
	for name, configure := range map[string]func(*mcphttp.StoreConfig){
		"the message is there": func(*mcphttp.StoreConfig) {},
		"the message has gone": func(c *mcphttp.StoreConfig) { c.MaxSessionBytes = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broker := sse.NewMemoryBroker(500)
				host := apptest.Start(t, kit{broker: broker, store: configure}.module)
				id := begin(t, host, "ada")
				publish(t, broker, "m\x1a"+id+"\x00\x00{}")
				newest, err := broker.Last(t.Context())
				require.NoError(t, err)
				for range 1000 {
					publish(t, broker, "m\x01f\x01x\x00a")
					synctest.Wait()
				}
				assert.Equal(t, 200, status(t, ask(host, http.MethodPost, "ada", id, call("0"))))
				synctest.Wait()
				late := apptest.Start(t, kit{broker: broker}.module)
				for before, want := range []int{200, 400} {
					at := sse.Position{Epoch: newest.Epoch, Offset: newest.Offset - uint64(before)}
					assert.Equal(t, want, status(t, ask(late, http.MethodGet, "ada", id, "", "Last-Event-ID", "_"+at.String())))
				}
			})
		})
	}
}

// A session counts once, however often the log is told of it.
func TestSessionsThatAreToldOfAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{broker: sse.NewMemoryBroker(0), handler: func(c *mcphttp.HandlerConfig) { c.SessionsOfUser = 2 }}
		host := apptest.Start(t, k.module)
		id := begin(t, host, "ada")
		for range 5 {
			time.Sleep(20 * time.Minute)
			assert.Equal(t, 200, status(t, ask(host, http.MethodPost, "ada", id, call("0"))))
		}
		begin(t, host, "ada")
		assert.Equal(t, 429, status(t, ask(host, http.MethodPost, "ada", "", initialize)))
	})
}

// The log begins anew while somebody reads what belongs to no request: messages
// may be missing, so that the stream ends, and the client is told when it resumes.
func TestALogThatBeginsAnewEndsItsReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		host := apptest.Start(t, kit{broker: broker}.module)
		id := begin(t, host, "ada")
		last, err := broker.Last(t.Context())
		require.NoError(t, err)
		stream := ask(host, http.MethodGet, "ada", id, "")
		start := time.Now()
		broker.Reset()
		assert.Equal(t, ": ok\n\n", apptest.Text(t, stream))
		assert.LessOrEqual(t, time.Since(start), time.Second)
		assert.Equal(t, 400, status(t, ask(host, http.MethodGet, "ada", id, "", "Last-Event-ID", "_"+last.String())))
		assert.Equal(t, 200, status(t, ask(host, http.MethodPost, "ada", id, call("0"))), "the session goes on")
	})
}

// A stream that belongs to a request ends with its answer, for those who resume
// too; and who resumes gets what is behind its event, without the ID alone.
func TestAResumedStreamEndsWithItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{broker: sse.NewMemoryBroker(0)}
		one, two := apptest.Start(t, k.module), apptest.Start(t, k.module)
		id := begin(t, one, "ada")
		response := ask(one, http.MethodPost, "ada", id, call("2"))
		events := ssetest.Take(t, response.Body, 4) // the first of which has an ID alone
		require.NoError(t, response.Body.Close())
		for i, event := range events {
			want := ": ok\n\n"
			for _, each := range events[i+1:] {
				want += "event: message\nid: " + each.ID + "\ndata: " + each.Data + "\n\n"
			}
			start := time.Now()
			got := ask(two, http.MethodGet, "ada", id, "", "Last-Event-ID", event.ID)
			assert.Equal(t, want, apptest.Text(t, got))
			assert.Zero(t, time.Since(start))
		}
	})
}
