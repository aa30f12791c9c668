package mcphttp_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

const initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",` +
	`"capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`

func call(count string) string {
	return `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"count","arguments":{"count":` + count +
		`},"_meta":{"progressToken":"p"}}}`
}

// ask sends a request with a token, in a session if the ID is not empty.
func ask(host *apptest.Host, method, token, session, body string, headers ...string) *http.Response {
	set := func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Mcp-Protocol-Version", "2025-11-25")
		r.Header.Set("Accept", "application/json, text/event-stream")
		r.Header.Set("Content-Type", "application/json")
		if session != "" {
			r.Header.Set("Mcp-Session-Id", session)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	return host.Do(method, "/mcp", strings.NewReader(body), set)
}

// begin begins a session and returns its ID.
func begin(t *testing.T, host *apptest.Host, token string) string {
	t.Helper()
	response := ask(host, http.MethodPost, token, "", initialize)
	require.Equal(t, http.StatusOK, response.StatusCode)
	events := ssetest.Take(t, response.Body, 2)
	require.Contains(t, events[1].Data, "protocolVersion")
	require.NoError(t, response.Body.Close())
	id := response.Header.Get("Mcp-Session-Id")
	require.NotEmpty(t, id)
	told := ask(host, http.MethodPost, token, id, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	require.Equal(t, http.StatusAccepted, told.StatusCode)
	return id
}

func status(t *testing.T, response *http.Response) int {
	t.Helper()
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

func TestASessionIsItsUsersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{broker: sse.NewMemoryBroker(0)}
		hosts := []*apptest.Host{apptest.Start(t, k.module), apptest.Start(t, k.module)}
		id := begin(t, hosts[0], "ada")
		stream := ask(hosts[0], http.MethodPost, "ada", id, call("1"))
		event := ssetest.Take(t, stream.Body, 1)[0].ID
		for _, host := range hosts {
			for _, token := range []string{"eve", "ad", "adaa"} {
				for _, method := range []string{http.MethodGet, http.MethodDelete} {
					assert.Equal(t, 404, status(t, ask(host, method, token, id, "")), method)
				}
				assert.Equal(t, 404, status(t, ask(host, http.MethodGet, token, id, "", "Last-Event-ID", event)))
				assert.Equal(t, 404, status(t, ask(host, http.MethodPost, token, id, call("1"))))
			}
			// In a session of one's own the stream of another's is unknown.
			assert.Equal(t, 400, status(t, ask(host, http.MethodGet, "eve", begin(t, host, "eve"), "", "Last-Event-ID", event)))
			assert.Equal(t, 200, status(t, ask(host, http.MethodGet, "ada", id, "", "Last-Event-ID", event)))
		}
	})
}

func TestWhatIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{broker: sse.NewMemoryBroker(0), handler: func(c *mcphttp.HandlerConfig) { c.MaxBody, c.SessionsOfUser = 1<<15, 2 }}
		host := apptest.Start(t, k.module)
		id := begin(t, host, "ada")
		large := strings.Repeat(" ", 1<<15)
		for name, test := range map[string]struct {
			method, session, body string
			headers               []string
			want                  int
		}{
			"an unknown session":            {"GET", "ABCDEF", "", nil, 404},
			"a session with a long ID":      {"GET", strings.Repeat("x", 5000), "", nil, 404},
			"no session":                    {"GET", "", "", nil, 400},
			"no session to end":             {"DELETE", "", "", nil, 400},
			"another method":                {"PUT", id, "", nil, 405},
			"an event ID without a number":  {"GET", id, "", []string{"Last-Event-ID", "x_"}, 400},
			"an event ID of nothing":        {"GET", id, "", []string{"Last-Event-ID", ""}, 400},
			"a negative event ID":           {"GET", id, "", []string{"Last-Event-ID", "x_-1"}, 400},
			"an event ID with a path":       {"GET", id, "", []string{"Last-Event-ID", "../x_1"}, 400},
			"an unknown stream":             {"GET", id, "", []string{"Last-Event-ID", "x_1"}, 400},
			"a position of another log":     {"GET", id, "", []string{"Last-Event-ID", "_abc-1"}, 400},
			"a client that takes no stream": {"GET", id, "", []string{"Accept", "application/json"}, 400},
			"a batch":                       {"POST", id, " [" + call("1") + "]", nil, 400},
			"a batch of an older version":   {"POST", id, "\r\n\t [" + call("1") + "]", []string{"Mcp-Protocol-Version", "2025-03-26"}, 400},
			"no JSON":                       {"POST", id, "{", nil, 400},
			"a long body":                   {"POST", id, large + call("1"), nil, 413},
			"a long body that begins":       {"POST", "", large + initialize, nil, 413},
			"long parameters":               {"POST", "", strings.Replace(initialize, `"t"`, `"`+strings.Repeat("t", 17<<10)+`"`, 1), nil, 413},
			"a type that is not JSON":       {"POST", "", initialize, []string{"Content-Type", "text/plain"}, 415},
			"a version that is unknown":     {"POST", id, call("1"), []string{"Mcp-Protocol-Version", "1999-01-01"}, 400},
		} {
			assert.Equal(t, test.want, status(t, ask(host, test.method, "ada", test.session, test.body, test.headers...)), name)
		}
		second := begin(t, host, "ada")
		assert.Equal(t, 429, status(t, ask(host, http.MethodPost, "ada", "", initialize)))
		begin(t, host, "grace")
		assert.Equal(t, 204, status(t, ask(host, http.MethodDelete, "ada", second, "")))
		synctest.Wait()
		begin(t, host, "ada")
	})
}

// A session ends while a request for it is being read.
func TestASessionThatEndsDuringARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := newWatched(0)
		host := apptest.Start(t, kit{broker: broker}.module)
		publish(t, broker, adasCard)
		time.Sleep(20 * time.Minute) // so that the log is told of it again
		broker.let(func(_ context.Context, method string) error {
			if method == "Publish" {
				publish(t, broker.MemoryBroker, "x\x01s\x00\x00")
				time.Sleep(time.Millisecond)
			}
			return nil
		})
		assert.Equal(t, 404, status(t, ask(host, http.MethodPost, "ada", "s", call("0"))))
	})
}

// What the SDK of another node refuses is in the log of that node.
func TestANotificationThatIsRefusedElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{broker: sse.NewMemoryBroker(0)}
		one, two := apptest.Start(t, k.module), apptest.Start(t, k.module)
		id := begin(t, one, "ada")
		assert.Equal(t, 200, status(t, ask(two, http.MethodPost, "ada", id, call("0"))))
		assert.Equal(t, 400, status(t, ask(one, http.MethodPost, "ada", id, `{"method":"notifications/x"}`)))
		synctest.Wait()
		assert.Len(t, two.Log().Find("an MCP notification of another node was refused"), 1)
	})
}

func TestADeleteEndsTheSessionEverywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{broker: sse.NewMemoryBroker(0)}
		one, two := apptest.Start(t, k.module), apptest.Start(t, k.module)
		id := begin(t, one, "ada")
		alone := ask(two, http.MethodGet, "ada", id, "")
		counting := ask(one, http.MethodPost, "ada", id, call("1000"))
		ssetest.Take(t, counting.Body, 2)
		assert.Equal(t, 204, status(t, ask(two, http.MethodDelete, "ada", id, "")))
		start := time.Now()
		assert.Equal(t, ": ok\n\n", apptest.Text(t, alone), "it ends, and cleanly")
		_ = apptest.Text(t, counting)
		assert.Less(t, time.Since(start), 2*time.Second)
		for _, host := range []*apptest.Host{one, two} {
			assert.Equal(t, 404, status(t, ask(host, http.MethodPost, "ada", id, call("1"))))
			assert.Equal(t, 404, status(t, ask(host, http.MethodGet, "ada", id, "")))
		}
	})
}

// A request is cancelled at another node than the one where it runs.
func TestCancelAtAnotherNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		k := kit{broker: sse.NewMemoryBroker(0), tools: func(s *mcp.Server) {
			mcp.AddTool(s, &mcp.Tool{Name: "wait"}, func(ctx context.Context, _ *mcp.CallToolRequest, _ Steps) (*mcp.CallToolResult, any, error) {
				<-ctx.Done()
				ended <- ctx.Err()
				return nil, nil, ctx.Err()
			})
		}}
		board := newSwitchboard("ada", apptest.Start(t, k.module), apptest.Start(t, k.module))
		client := connect(t, board)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			time.Sleep(time.Second)
			board.turnTo(1)
			time.Sleep(5 * time.Second)
			cancel()
		}()
		_, err := client.CallTool(ctx, &mcp.CallToolParams{Name: "wait", Arguments: Steps{1}})
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, <-ended, context.Canceled)
		require.NoError(t, client.Close())
	})
}

// What belongs to no request reaches a client at whichever node it listens, once,
// while it changes nodes.
func TestWhatBelongsToNoRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{broker: sse.NewMemoryBroker(0), tools: func(s *mcp.Server) {
			mcp.AddTool(s, &mcp.Tool{Name: "later"}, func(ctx context.Context, r *mcp.CallToolRequest, in Steps) (*mcp.CallToolResult, any, error) {
				go func() {
					for i := range in.Count {
						time.Sleep(time.Second)
						_ = r.Session.NotifyProgress(context.Background(), &mcp.ProgressNotificationParams{ProgressToken: "x", Progress: float64(i)})
					}
				}()
				return &mcp.CallToolResult{Content: []mcp.Content{}}, nil, nil
			})
		}}
		board := newSwitchboard("ada", apptest.Start(t, k.module), apptest.Start(t, k.module))
		client := connect(t, board)
		_, err := client.CallTool(t.Context(), &mcp.CallToolParams{Name: "later", Arguments: Steps{20}})
		require.NoError(t, err)
		for i := range 5 {
			time.Sleep(3500 * time.Millisecond)
			board.turnTo((i + 1) % 2)
		}
		time.Sleep(10 * time.Second)
		var every []float64
		for i := range 20 {
			every = append(every, float64(i))
		}
		assert.Equal(t, every, client.told())
		require.NoError(t, client.Close())
	})
}

func TestASessionOutlivesTheNodeThatHasBegunIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{broker: sse.NewMemoryBroker(0)}
		one := apptest.Start(t, k.module)
		board := newSwitchboard("ada", one)
		client := connect(t, board)
		_, err := client.count(t.Context(), 2)
		require.NoError(t, err)
		one.Stop()
		two := apptest.Start(t, k.module)
		board.add(two)
		board.turnTo(1)
		text, err := client.count(t.Context(), 3)
		require.NoError(t, err)
		assert.Equal(t, "counted to 3", text)
		synctest.Wait()
		assert.Equal(t, []float64{1, 2, 1, 2, 3}, client.told())
		require.NoError(t, client.Close())
	})
}

// A tool asks the user something. The client has lost its connection, and answers
// at another node than the one that has asked.
func TestAnAnswerToAnotherNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{broker: sse.NewMemoryBroker(0), tools: func(s *mcp.Server) {
			mcp.AddTool(s, &mcp.Tool{Name: "ask"}, func(ctx context.Context, r *mcp.CallToolRequest, in Steps) (*mcp.CallToolResult, any, error) {
				time.Sleep(time.Duration(in.Count) * time.Second)
				answer, err := r.Session.Elicit(ctx, &mcp.ElicitParams{
					Message: "really?", RequestedSchema: &jsonschema.Schema{Type: "object"},
				})
				if err != nil {
					return nil, nil, err
				}
				return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "they " + answer.Action}}}, nil, nil
			})
		}}
		board := newSwitchboard("ada", apptest.Start(t, k.module), apptest.Start(t, k.module))
		asked := 0
		client := connect(t, board, func(o *mcp.ClientOptions) {
			o.ElicitationHandler = func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
				asked++
				return &mcp.ElicitResult{Action: "accept"}, nil
			}
		})
		for i := range 4 {
			go func() {
				time.Sleep(3 * time.Second)
				board.turnTo(1 - i%2)
			}()
			result, err := client.CallTool(t.Context(), &mcp.CallToolParams{Name: "ask", Arguments: Steps{10}})
			require.NoError(t, err)
			assert.Equal(t, "they accept", result.Content[0].(*mcp.TextContent).Text)
		}
		assert.Equal(t, 4, asked)
		require.NoError(t, client.Close())
	})
}

// The log cannot be written: nobody is told that something is done which is not.
func TestALogThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := &unsteady{MemoryBroker: sse.NewMemoryBroker(0)}
		k := kit{broker: broker}
		one, two := apptest.Start(t, k.module), apptest.Start(t, k.module)
		id := begin(t, one, "ada")
		broker.fails.Store(true)
		notice := `{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}`
		assert.Equal(t, 503, status(t, ask(two, http.MethodDelete, "ada", id, "")))
		assert.Equal(t, 503, status(t, ask(two, http.MethodPost, "ada", id, notice)))
		// Nobody else would know of a session that begins.
		lost := ask(one, http.MethodPost, "ada", "", initialize)
		assert.Equal(t, 200, status(t, lost))
		assert.Equal(t, 404, status(t, ask(one, http.MethodPost, "ada", lost.Header.Get("Mcp-Session-Id"), call("1"))))
		broker.fails.Store(false)
		assert.Equal(t, 202, status(t, ask(two, http.MethodPost, "ada", id, notice)))
		assert.Equal(t, 204, status(t, ask(two, http.MethodDelete, "ada", id, "")))
	})
}

// A client that says it has had what was never sent would wait for ever, or miss
// what comes.
func TestEventsThatWereNeverSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		host := apptest.Start(t, kit{broker: broker}.module)
		id := begin(t, host, "ada")
		called := ask(host, http.MethodPost, "ada", id, call("0"))
		stream, _, _ := strings.Cut(ssetest.Take(t, called.Body, 1)[0].ID, "_")
		_ = apptest.Text(t, called)
		last, err := broker.Last(t.Context())
		require.NoError(t, err)
		after := func(event string) int {
			return status(t, ask(host, http.MethodGet, "ada", id, "", "Last-Event-ID", event))
		}
		assert.Equal(t, 200, after(stream+"_1"))
		assert.Equal(t, 400, after(stream+"_2"))
		assert.Equal(t, 400, after(stream+"_9223372036854775807"))
		assert.Equal(t, 200, after("_"+last.String()))
		last.Offset++
		assert.Equal(t, 400, after("_"+last.String()))
	})
}

// A client that comes back leaves a connection behind which may be dead.
func TestTheNewestReaderOfAStreamIsTheOnlyOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, kit{}.module)
		id := begin(t, host, "ada")
		first := ask(host, http.MethodGet, "ada", id, "")
		second := ask(host, http.MethodGet, "ada", id, "")
		assert.Equal(t, ": ok\n\n", apptest.Text(t, first), "it ends")
		third := ask(host, http.MethodGet, "ada", id, "")
		assert.Equal(t, ": ok\n\n", apptest.Text(t, second), "so does the next")
		require.NoError(t, third.Body.Close())
	})
}

// A notification reaches each node that has its session once, and each is told that
// the session is initialized.
func TestANotificationReachesEachNodeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard := map[string]int{} // by the name of the node and the method
		var mu sync.Mutex
		broker := sse.NewMemoryBroker(0)
		start := func(name string) *apptest.Host {
			return apptest.Start(t, kit{broker: broker, tools: func(s *mcp.Server) {
				s.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
					return func(ctx context.Context, method string, r mcp.Request) (mcp.Result, error) {
						mu.Lock()
						heard[name+" "+strings.TrimPrefix(method, "notifications/")]++
						mu.Unlock()
						return next(ctx, method, r)
					}
				})
			}}.module)
		}
		one, two := start("1"), start("2")
		id := begin(t, one, "ada")
		begin(t, two, "ada") // another session
		notice := `{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}`
		assert.Equal(t, 202, status(t, ask(one, http.MethodPost, "ada", id, notice)))
		assert.Equal(t, 202, status(t, ask(two, http.MethodPost, "ada", id, notice)))
		assert.Equal(t, 202, status(t, ask(two, http.MethodPost, "ada", id, notice)))
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		assert.Equal(t, map[string]int{
			"1 initialize": 1, "1 initialized": 1, "1 roots/list_changed": 3,
			"2 initialize": 2, "2 initialized": 2, "2 roots/list_changed": 2,
		}, heard)
	})
}
