package mcphttp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/chitor-go/chitor/app"
	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// Two nodes share a log. A session that one of them has begun goes on at the
// other.
func Example() {
	// sseredis.Open and nats.Connect make logs of many processes.
	log := sse.NewMemoryBroker(10_000)
	module := func(a *app.Application) {
		store := mcphttp.NewStore(a, func(c *mcphttp.StoreConfig) { c.Broker = log })
		handler := mcphttp.NewHandler(a, store, func(options *mcp.ServerOptions) *mcp.Server {
			return mcp.NewServer(&mcp.Implementation{Name: "reports", Version: "1.0.0"}, options)
		})
		routing.Routes(a, func(r *routing.Route) { r.Mount("/mcp", handler) })
	}
	ctx := context.Background()
	var nodes []*app.Application
	for range 2 {
		node := app.New(module)
		if err := node.Start(ctx); err != nil {
			fmt.Println(err)
			return
		}
		defer func() { _ = node.Stop(ctx) }()
		nodes = append(nodes, node)
	}

	post := func(node *app.Application, session, message string) *httptest.ResponseRecorder {
		request := httptest.NewRequest(http.MethodPost, "/mcp", strings.NewReader(message))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept", "application/json, text/event-stream")
		if session != "" {
			request.Header.Set("Mcp-Session-Id", session)
		}
		recorder := httptest.NewRecorder()
		node.ServeHTTP(recorder, request)
		return recorder
	}
	begun := post(nodes[0], "", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",`+
		`"capabilities":{},"clientInfo":{"name":"agent","version":"1"}}}`)
	session := begun.Header().Get("Mcp-Session-Id")
	fmt.Println(post(nodes[1], session, `{"jsonrpc":"2.0","id":2,"method":"ping"}`).Code)
	fmt.Println(post(nodes[1], "ABCDEFGHIJKLMNOP", `{"jsonrpc":"2.0","id":2,"method":"ping"}`).Code)
	// Output:
	// 200
	// 404
}
