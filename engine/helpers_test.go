package engine_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// quiet keeps the log out of the tests' output.
var quiet = engine.Logger(slog.New(slog.DiscardHandler))

// answer returns a module that answers every call with handler.
func answer(handler app.Handler) app.Module {
	return func(a *app.Application) {
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return handler })
	}
}

func hello(c *app.Call) error { return c.RespondText("hello") }

// start starts a server in memory. Who needs no more than a client uses
// apptest.
func start(t *testing.T, module app.Module, options ...engine.Option) (*engine.Server, *memnet.Listener) {
	t.Helper()
	listener := memnet.Listen(memnet.Buffer(1024))
	server := engine.EmbeddedServer(module, append([]engine.Option{engine.Listener(listener), quiet}, options...)...)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	return server, listener
}

func dial(t *testing.T, listener *memnet.Listener) net.Conn {
	t.Helper()
	conn, err := listener.Dial(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// request begins a GET by hand, on a connection that speaks HTTP/1.1 or, with
// http2, HTTP/2. Nobody reads the answer.
func request(t *testing.T, conn io.Writer, http2 bool) {
	t.Helper()
	wire := "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
	if http2 {
		wire = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
			"\x00\x00\x06\x04\x00\x00\x00\x00\x00" + "\x00\x04\x7f\xff\xff\xff" + // SETTINGS: windows of 2 GiB
			"\x00\x00\x04\x08\x00\x00\x00\x00\x00" + "\x7f\x00\x00\x00" + // WINDOW_UPDATE of the connection
			"\x00\x00\x0e\x01\x05\x00\x00\x00\x01" + "\x82\x84\x86\x01\x09localhost" // HEADERS: GET / http, :authority
	}
	_, err := io.WriteString(conn, wire)
	require.NoError(t, err)
}
