package compat_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	gosse "github.com/tmaxmax/go-sse"

	"github.com/chitor-go/chitor/internal/memnet"
)

// slowMCP returns a server with a tool that reports its progress, and once more
// after 40 s. A tool goes on when the stream of its call has ended.
func slowMCP(t *testing.T) http.Handler {
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
				pause(ctx.Done(), 40)
			}
			return &mcp.CallToolResult{}, nil, nil
		})
	t.Cleanup(func() {
		for session := range server.Sessions() {
			assert.NoError(t, session.Close())
		}
	})
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil)
}

// newsOfGoSSE returns a server of go-sse which publishes to each subscriber that
// comes.
func newsOfGoSSE(t *testing.T) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server := &gosse.Server{}
		published := make(chan struct{})
		go func() {
			defer close(published)
			for range 2 {
				pause(r.Context().Done(), 1)
				message := &gosse.Message{}
				message.AppendData("news")
				assert.NoError(t, server.Publish(message))
				pause(r.Context().Done(), 40)
			}
		}()
		server.ServeHTTP(w, r)
		<-published
		assert.NoError(t, server.Shutdown(context.WithoutCancel(r.Context())))
	})
}

// proxyOf returns a ReverseProxy of a server with a handler.
func proxyOf(t *testing.T, handler http.Handler) http.Handler {
	listener := memnet.Listen()
	upstream := &http.Server{Handler: handler}
	served := make(chan error)
	go func() { served <- upstream.Serve(listener) }()
	transport := &http.Transport{DialContext: listener.DialContext}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		require.NoError(t, upstream.Close())
		require.ErrorIs(t, <-served, http.ErrServerClosed)
	})
	target := &url.URL{Scheme: "http", Host: "upstream"}
	return &httputil.ReverseProxy{
		Transport: transport, ErrorLog: log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
	}
}
