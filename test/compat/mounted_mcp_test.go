package compat_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

const mcpModule = "github.com/modelcontextprotocol/go-sdk"

// The version of the protocol before sessions were dropped.
const withSessions = "2025-11-25"

func mcpRows() []mountedRow {
	streamable := func(options *mcp.StreamableHTTPOptions) func(*testing.T) http.Handler {
		return func(*testing.T) http.Handler {
			server := mcpServer()
			return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, options)
		}
	}
	return []mountedRow{
		{
			name: "MCP StreamableHTTPHandler", module: mcpModule, path: "/mcp",
			shows:   "a tool whose progress arrives step by step, a list that changes told by the GET stream, DELETE and then 404",
			handler: streamable(&mcp.StreamableHTTPOptions{}),
			try: func(t *testing.T, host *apptest.Host) {
				transport := &mcp.StreamableClientTransport{Endpoint: host.URL + "/mcp", HTTPClient: host.Client()}
				id := tryMCP(t, transport, withSessions, true)
				require.NotEmpty(t, id)
				response := host.Post("/mcp", "application/json", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`),
					apptest.Header("Mcp-Session-Id", id), apptest.Header("Accept", "application/json, text/event-stream"))
				assert.Equal(t, http.StatusNotFound, response.StatusCode)
			},
		},
		{
			name: "MCP StreamableHTTPHandler, stateless", module: mcpModule, path: "/mcp",
			shows:   "the same without a session, by protocol 2026-07-28",
			handler: streamable(&mcp.StreamableHTTPOptions{Stateless: true}),
			try: func(t *testing.T, host *apptest.Host) {
				transport := &mcp.StreamableClientTransport{Endpoint: host.URL + "/mcp", HTTPClient: host.Client()}
				assert.Empty(t, tryMCP(t, transport, "2026-07-28", false))
				assert.Equal(t, http.StatusMethodNotAllowed, host.Get("/mcp", apptest.Header("Accept", "text/event-stream")).StatusCode)
			},
		},
		{
			name: "MCP StreamableHTTPHandler, resumed", module: mcpModule, path: "/mcp",
			shows:   "a POST's stream that is cut after its first event, and goes on with a GET and `Last-Event-ID`",
			handler: streamable(&mcp.StreamableHTTPOptions{EventStore: mcp.NewMemoryEventStore(nil)}),
			try:     tryResumption,
		},
		{
			name: "MCP SSEHandler", module: mcpModule, path: "/mcp",
			shows: "the transport of 2024-11-05: one stream, and a POST for each message",
			handler: func(*testing.T) http.Handler {
				server := mcpServer()
				return mcp.NewSSEHandler(func(*http.Request) *mcp.Server { return server }, nil)
			},
			try: func(t *testing.T, host *apptest.Host) {
				tryMCP(t, &mcp.SSEClientTransport{Endpoint: host.URL + "/mcp", HTTPClient: host.Client()}, "2024-11-05", true)
			},
		},
	}
}

type mcpNothing struct{}

// mcpServer has a tool that reports its progress twice, and one that is gone
// when it was called.
func mcpServer() *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{Name: "compat", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "work"},
		func(ctx context.Context, request *mcp.CallToolRequest, _ mcpNothing) (*mcp.CallToolResult, any, error) {
			for i := range 2 {
				err := request.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
					ProgressToken: request.Params.GetProgressToken(), Progress: float64(i),
				})
				if err != nil {
					return nil, nil, err
				}
				takeStep(ctx.Done())
			}
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "done"}}}, nil, nil
		})
	mcp.AddTool(server, &mcp.Tool{Name: "once"},
		func(context.Context, *mcp.CallToolRequest, mcpNothing) (*mcp.CallToolResult, any, error) {
			server.RemoveTools("once") // a change of the list, which clients are told of
			return &mcp.CallToolResult{}, nil, nil
		})
	return server
}

// tryMCP connects, lists the tools, calls one, and looks when its progress and
// its result arrive. A client that listens is told when the list has changed.
// It returns the id of the session.
func tryMCP(t *testing.T, transport mcp.Transport, version string, listens bool) string {
	began := startWatch()
	progress, changed := make(chan int, 2), make(chan bool, 1)
	client := mcp.NewClient(&mcp.Implementation{Name: "client", Version: "1"}, &mcp.ClientOptions{
		ProgressNotificationHandler: func(context.Context, *mcp.ProgressNotificationClientRequest) { progress <- began.steps() },
		ToolListChangedHandler:      func(context.Context, *mcp.ToolListChangedRequest) { changed <- true },
	})
	session, err := client.Connect(t.Context(), transport, &mcp.ClientSessionOptions{ProtocolVersion: version})
	require.NoError(t, err)
	assert.Equal(t, version, session.InitializeResult().ProtocolVersion)
	tools, err := session.ListTools(t.Context(), nil)
	require.NoError(t, err)
	assert.Len(t, tools.Tools, 2)

	began = startWatch()
	call := &mcp.CallToolParams{Name: "work"}
	call.SetProgressToken("p")
	result, err := session.CallTool(t.Context(), call)
	require.NoError(t, err)
	assert.False(t, result.IsError)
	assert.Equal(t, []int{0, 1, 2}, []int{<-progress, <-progress, began.steps()}, "the steps after which progress and result arrived")

	if listens {
		_, err = session.CallTool(t.Context(), &mcp.CallToolParams{Name: "once"})
		require.NoError(t, err)
		assert.True(t, <-changed)
	}
	id := session.ID()
	require.NoError(t, session.Close())
	return id
}

// tryResumption speaks MCP by hand.
func tryResumption(t *testing.T, host *apptest.Host) {
	accept := apptest.Header("Accept", "application/json, text/event-stream")
	post := func(body string, options ...apptest.RequestOption) *http.Response {
		response := host.Post("/mcp", "application/json", strings.NewReader(body), append(options, accept)...)
		require.Less(t, response.StatusCode, 300)
		return response
	}
	response := post(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"` + withSessions +
		`","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}`)
	session := apptest.Header("Mcp-Session-Id", response.Header.Get("Mcp-Session-Id"))
	apptest.Text(t, response)
	version := apptest.Header("Mcp-Protocol-Version", withSessions)
	assert.Equal(t, http.StatusAccepted,
		post(`{"jsonrpc":"2.0","method":"notifications/initialized"}`, session, version).StatusCode)

	stream := post(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"work","arguments":{},"_meta":{"progressToken":"p"}}}`,
		session, version)
	var last string
	lines := bufio.NewScanner(stream.Body)
	for lines.Scan() {
		if id, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			last = id
		}
		if strings.Contains(lines.Text(), "progress") {
			break
		}
	}
	require.NotEmpty(t, last)
	require.NoError(t, stream.Body.Close())
	synctest.Wait() // the server has noticed: until then the stream is in use

	rest := host.Get("/mcp", session, version, accept, apptest.Header("Last-Event-ID", last))
	require.Equal(t, http.StatusOK, rest.StatusCode)
	var data []string
	lines = bufio.NewScanner(rest.Body)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok && text != "" {
			data = append(data, text)
		}
		if strings.Contains(lines.Text(), `"result"`) {
			break
		}
	}
	require.Len(t, data, 2)
	assert.Contains(t, data[0], `"progress":1`)
	assert.Contains(t, data[1], "done")
	assert.Equal(t, http.StatusNoContent, host.Do(http.MethodDelete, "/mcp", nil, session, version).StatusCode)
}
