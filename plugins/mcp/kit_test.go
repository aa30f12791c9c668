package mcphttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// A kit is what the nodes of a test have in common.
type kit struct {
	broker  sse.Broker
	store   func(*mcphttp.StoreConfig)
	handler func(*mcphttp.HandlerConfig)
	tools   func(*mcp.Server)
	modify  func(a *app.Application, r *routing.Route)
}

// Steps is what the tool "count" takes.
type Steps struct {
	Count int `json:"count"`
}

// module is a node with the tool count, which tells of a step in each second.
func (k kit) module(a *app.Application) {
	store := mcphttp.NewStore(a, func(c *mcphttp.StoreConfig) {
		c.Broker = k.broker
		if k.store != nil {
			k.store(c)
		}
	})
	var configure []func(*mcphttp.HandlerConfig)
	if k.handler != nil {
		configure = append(configure, k.handler)
	}
	handler := mcphttp.NewHandler(a, store, k.server, configure...)
	routing.Routes(a, func(r *routing.Route) {
		r.Use(auth.RequireBearerToken(verify, nil))
		if k.modify != nil {
			k.modify(a, r)
		}
		r.Mount("/mcp", handler)
	})
}

// verify takes a token for the name of its user.
func verify(_ context.Context, token string, _ *http.Request) (*auth.TokenInfo, error) {
	return &auth.TokenInfo{UserID: token, Expiration: time.Now().Add(1000 * time.Hour)}, nil
}

func (k kit) server(options *mcp.ServerOptions) *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{Name: "test", Version: "1"}, options)
	mcp.AddTool(server, &mcp.Tool{Name: "count", Description: "counts"}, count)
	if k.tools != nil {
		k.tools(server)
	}
	return server
}

func count(ctx context.Context, r *mcp.CallToolRequest, in Steps) (*mcp.CallToolResult, any, error) {
	for i := range in.Count {
		err := r.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
			ProgressToken: r.Params.GetProgressToken(), Progress: float64(i + 1), Total: float64(in.Count),
		})
		if err != nil && ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		}
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: fmt.Sprintf("counted to %d", in.Count)}}}, nil, nil
}

// A switchboard stands between a client and the nodes: it sends requests to one of
// them, and cuts what is open.
type switchboard struct {
	token string

	mu    sync.Mutex // guards what follows
	nodes []http.RoundTripper
	to    int
	open  map[*body]struct{}
	seen  []string // the node, the method and the status of each request
}

func newSwitchboard(token string, hosts ...*apptest.Host) *switchboard {
	b := &switchboard{token: token, open: map[*body]struct{}{}}
	for _, host := range hosts {
		b.nodes = append(b.nodes, host.Client().Transport)
	}
	return b
}

// RoundTrip implements [http.RoundTripper].
func (b *switchboard) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	to := b.to
	node := b.nodes[to]
	b.mu.Unlock()
	ctx, cancel := context.WithCancel(r.Context())
	r = r.Clone(ctx)
	r.Header.Set("Authorization", "Bearer "+b.token)
	response, err := node.RoundTrip(r)
	if err != nil {
		cancel()
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen = append(b.seen, fmt.Sprint(to, " ", r.Method, " ", response.StatusCode))
	wrapped := &body{ReadCloser: response.Body, cancel: cancel, board: b}
	b.open[wrapped] = struct{}{}
	response.Body = wrapped
	return response, nil
}

// turnTo sends what comes to another node, and cuts what is open.
func (b *switchboard) turnTo(node int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.to = node
	for each := range b.open {
		each.cancel()
	}
}

// moveTo sends what comes to another node, and leaves what is open.
func (b *switchboard) moveTo(node int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.to = node
}

func (b *switchboard) add(host *apptest.Host) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.nodes = append(b.nodes, host.Client().Transport)
}

func (b *switchboard) requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.seen...)
}

type body struct {
	io.ReadCloser

	cancel context.CancelFunc
	board  *switchboard
}

// Read implements [io.Reader]: what is cut ends as a connection that is reset.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, context.Canceled) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Close implements [io.Closer].
func (b *body) Close() error {
	b.board.mu.Lock()
	delete(b.board.open, b)
	b.board.mu.Unlock()
	defer b.cancel()
	return b.ReadCloser.Close()
}

// A caller is a client of the SDK, and the progress that it was told.
type caller struct {
	*mcp.ClientSession

	mu       sync.Mutex // guards what follows
	progress []float64
}

func (c *caller) told() []float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]float64(nil), c.progress...)
}

// connect connects a client of the SDK.
func connect(t *testing.T, board *switchboard, options ...func(*mcp.ClientOptions)) *caller {
	t.Helper()
	c := &caller{}
	o := &mcp.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.progress = append(c.progress, r.Params.Progress)
		},
	}
	for _, change := range options {
		change(o)
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "client", Version: "1"}, o)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{
		Endpoint: "http://localhost/mcp", HTTPClient: &http.Client{Transport: board},
	}, nil)
	require.NoError(t, err)
	c.ClientSession = session
	return c
}

// count calls the tool.
func (c *caller) count(ctx context.Context, steps int) (string, error) {
	params := &mcp.CallToolParams{Name: "count", Arguments: Steps{steps}}
	params.SetProgressToken("p")
	result, err := c.CallTool(ctx, params)
	if err != nil {
		return "", err
	}
	return result.Content[0].(*mcp.TextContent).Text, nil //nolint:forcetypeassert // a test
}
