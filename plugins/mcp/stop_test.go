package mcphttp_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
	"github.com/chitor-go/chitor/plugins/sse"
)

// A node stops while a request runs there: the request ends in time, and its
// client hears of that at another node.
func TestARequestEndsWhileItsNodeStops(t *testing.T) {
	for name, test := range map[string]struct {
		steps int
		want  string
	}{
		"it has time enough":        {4, "counted to 4"},
		"it does not, and is ended": {100, "the application is stopping"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := kit{broker: sse.NewMemoryBroker(0)}
				one, two := apptest.Start(t, k.module), apptest.Start(t, k.module)
				board := newSwitchboard("ada", one, two)
				client := connect(t, board)
				stopped := make(chan struct{})
				go func() {
					defer close(stopped)
					time.Sleep(1500 * time.Millisecond)
					board.moveTo(1)
					one.Stop()
				}()
				text, err := client.count(t.Context(), test.steps)
				require.NoError(t, err)
				assert.Equal(t, test.want, text)
				<-stopped
				require.NoError(t, client.Close())
			})
		})
	}
}

// A tool does not look at its context. The stop does not wait for it longer than
// it may, says so, and closes the other sessions.
func TestAToolThatDoesNotEndWhileItsNodeStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		host := apptest.Start(t, kit{tools: func(s *mcp.Server) {
			mcp.AddTool(s, &mcp.Tool{Name: "sleep"}, func(context.Context, *mcp.CallToolRequest, Steps) (*mcp.CallToolResult, any, error) {
				<-release
				return &mcp.CallToolResult{Content: []mcp.Content{}}, nil, nil
			})
		}}.module)
		begin(t, host, "ada")
		called := ask(host, "POST", "ada", begin(t, host, "ada"), strings.Replace(call("0"), "count", "sleep", 1))
		start := time.Now()
		err := host.Application().Stop(t.Context())
		took := time.Since(start)
		close(release)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "stop the MCP sessions: in 1 of them requests still run: ")
		assert.NotContains(t, err.Error(), "has not returned")
		assert.Equal(t, host.Application().Config().ShutdownTimeout, took)
		require.NoError(t, called.Body.Close())
	})
}

// A session that nobody uses is forgotten; one whose stream somebody reads is not.
func TestIdleSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{broker: sse.NewMemoryBroker(0), store: func(c *mcphttp.StoreConfig) { c.MaxAge = 10 * time.Minute }}
		one, two := apptest.Start(t, k.module), apptest.Start(t, k.module)
		idle, listening := begin(t, one, "ada"), begin(t, one, "ada")
		stream := ask(two, "GET", "ada", listening, "")
		assert.Equal(t, 200, status(t, ask(two, "GET", "ada", idle, ""))) // and leaves
		time.Sleep(time.Hour)
		for _, host := range []*apptest.Host{one, two} {
			assert.Equal(t, 404, status(t, ask(host, "POST", "ada", idle, call("1"))))
			assert.Equal(t, 200, status(t, ask(host, "POST", "ada", listening, call("1"))))
		}
		require.NoError(t, stream.Body.Close())
	})
}

// A session is in use while a tool runs, however little is heard of it, and stays
// when the SDK of the node has closed it.
func TestSessionsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{
			broker: sse.NewMemoryBroker(0),
			store:  func(c *mcphttp.StoreConfig) { c.MaxAge = 10 * time.Minute },
			tools: func(s *mcp.Server) {
				mcp.AddTool(s, &mcp.Tool{Name: "think"}, func(ctx context.Context, _ *mcp.CallToolRequest, in Steps) (*mcp.CallToolResult, any, error) {
					select {
					case <-time.After(time.Duration(in.Count) * time.Minute):
					case <-ctx.Done():
						return nil, nil, context.Cause(ctx)
					}
					return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "thought"}}}, nil, nil
				})
				mcp.AddTool(s, &mcp.Tool{Name: "leave"}, func(_ context.Context, r *mcp.CallToolRequest, _ Steps) (*mcp.CallToolResult, any, error) {
					go func() { _ = r.Session.Close() }()
					return &mcp.CallToolResult{Content: []mcp.Content{}}, nil, nil
				})
			},
		}
		host := apptest.Start(t, k.module)
		id := begin(t, host, "ada")
		thinking := ask(host, "POST", "ada", id, strings.Replace(call("60"), "count", "think", 1))
		assert.Contains(t, apptest.Text(t, thinking), "thought")
		assert.Equal(t, 200, status(t, ask(host, "POST", "ada", id, call("0"))))
		left := ask(host, "POST", "ada", id, strings.Replace(call("0"), "count", "leave", 1))
		_ = apptest.Text(t, left)
		time.Sleep(time.Second)
		assert.Equal(t, 200, status(t, ask(host, "POST", "ada", id, call("0"))))
	})
}
