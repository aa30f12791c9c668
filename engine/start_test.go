package engine_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// busy returns a port of 127.0.0.1 that is taken.
func busy(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return port(t, listener.Addr())
}

func port(t *testing.T, addr net.Addr) int {
	t.Helper()
	tcp, ok := addr.(*net.TCPAddr)
	require.True(t, ok, "%v is no address of TCP", addr)
	return tcp.Port
}

func address(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

func TestStartErrors(t *testing.T) {
	taken := busy(t)
	failing := errors.New("the database is away")
	cases := []struct {
		name    string
		module  app.Module
		options []engine.Option
		says    []string
		is      error
	}{
		{"a start hook", func(a *app.Application) {
			a.OnStart(func(context.Context) error { return failing })
		}, nil, nil, failing},
		{"a busy port", answer(hello), []engine.Option{engine.Host("127.0.0.1"), engine.Port(taken)},
			[]string{"start server: listen tcp " + address(taken) + ":"}, nil},
		{"a second busy port", answer(hello), []engine.Option{engine.Connector("127.0.0.1", taken)},
			[]string{"start server: listen tcp " + address(taken) + ":"}, nil},
		{"no port", answer(hello), []engine.Option{engine.Connector("127.0.0.1", 70000)}, []string{"70000"}, nil},
		{"no certificate", answer(hello), []engine.Option{engine.TLSConnector("127.0.0.1", 0, engine.TLSConfig(nil))},
			[]string{"start server: TLS of 127.0.0.1:0: no certificate"}, nil},
		{"an empty configuration", answer(hello), []engine.Option{engine.TLSConnector("127.0.0.1", 0, engine.TLSConfig(new(tls.Config)))},
			[]string{"start server: TLS of 127.0.0.1:0: no certificate"}, nil},
		{"no certificate file", answer(hello), []engine.Option{engine.TLSConnector("127.0.0.1", 0, engine.PEM("missing.pem", "missing.pem"))},
			[]string{"start server: TLS of 127.0.0.1:0: open missing.pem"}, os.ErrNotExist},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var ended []string
			module := func(a *app.Application) {
				a.OnStop(func(context.Context) error { ended = append(ended, "application"); return nil })
				c.module(a)
			}
			listener := memnet.Listen()
			free := busyThenFree(t)
			options := append([]engine.Option{engine.Connector("127.0.0.1", free), engine.Listener(listener), quiet}, c.options...)
			server := engine.EmbeddedServer(module, options...)

			err := server.Start(t.Context())
			require.Error(t, err)
			for _, text := range c.says {
				require.ErrorContains(t, err, text)
			}
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			require.Nil(t, server.Addrs())
			require.NoError(t, server.Wait())
			requireClosed(t, listener)
			reopened, err := net.Listen("tcp", address(free))
			require.NoError(t, err, "the first connector is still open")
			require.NoError(t, reopened.Close())
			require.Equal(t, []string{"application"}, ended)
			require.ErrorContains(t, server.Start(t.Context()), "started or stopped before")
			require.NoError(t, server.Stop(t.Context()))
		})
	}
}

func TestStartReturnsMistakes(t *testing.T) {
	var first, second app.Site
	listener := memnet.Listen()
	var log bytes.Buffer
	server := engine.EmbeddedServer(func(a *app.Application) {
		first = app.Caller(0)
		a.Fail(errors.New("no such table"))
		second = app.Caller(0)
		a.Fail(errors.New("no such column"))
	}, engine.Listener(listener), engine.Logger(slog.New(slog.NewTextHandler(&log, nil))))
	err := server.Start(t.Context())
	first.Line++
	second.Line++
	require.EqualError(t, err, first.String()+": no such table\n"+second.String()+": no such column")
	requireClosed(t, listener)
	require.Empty(t, log.String(), "it said that it responds")
	require.NoError(t, server.Wait())
}

func TestStartReturnsNilArguments(t *testing.T) {
	listener := memnet.Listen()
	site := app.Caller(0)
	server := engine.EmbeddedServer(nil, engine.Listener(listener), nil,
		engine.HTTPServer(nil),
		engine.Listener(nil),
		engine.Listener((*net.TCPListener)(nil)),
		engine.UnixSocket("", 0))
	lines := []app.Site{site, site, site, site, site, site}
	for i, below := range []int{1, 2, 3, 4, 5, 1} {
		lines[i].Line += below
	}
	require.EqualError(t, server.Start(t.Context()), lines[0].String()+": embedded server: option 2 is nil\n"+
		lines[1].String()+": HTTP server: the configuration function is nil\n"+
		lines[2].String()+": listener: it is nil\n"+
		lines[3].String()+": listener: it is nil\n"+
		lines[4].String()+": unix socket: the path is empty\n"+
		lines[5].String()+": embedded server: the module is nil")
	requireClosed(t, listener)
}

// busyThenFree returns a port of 127.0.0.1 that was free a moment ago. It lies
// below those that a system chooses by itself, so that no other process gets it
// meanwhile. Another one that runs this test does not either: the port above it
// is held until the test ends.
func busyThenFree(t *testing.T) int {
	t.Helper()
	for range 100 {
		candidate := 20_000 + 2*rand.IntN(5_000)
		held, err := net.Listen("tcp", address(candidate+1))
		if err != nil {
			continue
		}
		t.Cleanup(func() { _ = held.Close() })
		if listener, err := net.Listen("tcp", address(candidate)); err == nil {
			require.NoError(t, listener.Close())
			return candidate
		}
	}
	require.Fail(t, "no port is free")
	return 0
}

func TestStartOrder(t *testing.T) {
	var events []string
	listener := &recorded{Listener: memnet.Listen(), events: &events}
	server := engine.EmbeddedServer(func(a *app.Application) {
		events = append(events, "module")
		a.OnStart(func(context.Context) error { events = append(events, "start hook"); return nil })
		a.OnStopPreparing(func() { events = append(events, "stop preparing") })
		a.OnStop(func(context.Context) error { events = append(events, "stop hook"); return nil })
	}, engine.Listener(listener), quiet)
	require.NotNil(t, server.Application())
	require.Empty(t, events)
	require.NoError(t, server.Start(t.Context()))
	require.Equal(t, []string{"module", "start hook", "address"}, events)
	require.ErrorContains(t, server.Start(t.Context()), "started or stopped before")
	require.NoError(t, server.Stop(t.Context()))
	require.Equal(t, []string{"module", "start hook", "address", "stop preparing", "stop hook"}, events)
}

// recorded is a listener that tells when it is asked for its address.
type recorded struct {
	net.Listener
	events *[]string
}

func (r *recorded) Addr() net.Addr {
	*r.events = append(*r.events, "address")
	return r.Listener.Addr()
}

// pemFiles writes a certificate and its key as PEM reads them.
func pemFiles(t *testing.T, certificate tls.Certificate) (certificateFile, keyFile string) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	require.NoError(t, err)
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return path
	}
	return write("certificate.pem", "CERTIFICATE", certificate.Certificate[0]), write("key.pem", "PRIVATE KEY", key)
}

func TestServesAllKindsOfConnectorsAtOnce(t *testing.T) {
	issued := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(issued.Close)
	certificateFile, keyFile := pemFiles(t, issued.TLS.Certificates[0])
	socket := filepath.Join(t.TempDir(), "socket")
	unix, err := net.Listen("unix", socket)
	require.NoError(t, err)

	var log bytes.Buffer
	server := engine.EmbeddedServer(answer(func(c *app.Call) error { return c.RespondText(c.Request.Proto) }),
		engine.Host("127.0.0.1"), engine.Port(0),
		engine.Connector("", 0),
		engine.Connector("0.0.0.0", 0),
		engine.TLSConnector("127.0.0.1", 0, engine.PEM(certificateFile, keyFile)),
		engine.TLSConnector("127.0.0.1", 0, engine.TLSConfig(&tls.Config{Certificates: issued.TLS.Certificates, NextProtos: []string{"http/1.1"}})),
		engine.Listener(unix),
		engine.Logger(slog.New(slog.NewTextHandler(&log, nil))))
	require.NoError(t, server.Start(t.Context()))
	addrs := server.Addrs()
	require.Len(t, addrs, 6)
	for _, addr := range addrs[:5] {
		require.NotZero(t, port(t, addr))
	}
	for _, line := range []string{
		"Responding at http://" + addrs[0].String(),
		"Responding at http://" + addrs[1].String(),
		"Responding at http://0.0.0.0:" + strconv.Itoa(port(t, addrs[2])), // as it was asked for
		"Responding at https://" + addrs[3].String(),
		"Responding at https://" + addrs[4].String(),
		"Responding at unix:" + socket,
	} {
		assert.Contains(t, log.String(), `level=INFO msg="`+line+"\"\n")
	}

	client := issued.Client()
	transport, ok := client.Transport.(*http.Transport)
	require.True(t, ok)
	transport.ForceAttemptHTTP2 = true
	for i, want := range []struct{ scheme, proto string }{
		{"http", "HTTP/1.1"}, {"http", "HTTP/1.1"}, {"http", "HTTP/1.1"}, {"https", "HTTP/2.0"}, {"https", "HTTP/1.1"},
	} {
		response, err := client.Get(want.scheme + "://" + address(port(t, addrs[i])))
		require.NoError(t, err)
		assert.Equal(t, want.proto, apptest.Text(t, response))
		require.NoError(t, response.Body.Close())
	}
	require.NoError(t, server.Stop(t.Context()))
	require.Equal(t, addrs, server.Addrs())
	for _, addr := range addrs {
		_, err := net.Dial(addr.Network(), addr.String())
		require.Error(t, err, "%v still listens", addr)
	}
}

func TestTLSWithoutHTTP2(t *testing.T) {
	issued := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(issued.Close)
	config := &tls.Config{Certificates: issued.TLS.Certificates}
	server := engine.EmbeddedServer(answer(hello), engine.TLSConnector("127.0.0.1", 0, engine.TLSConfig(config)), quiet,
		engine.HTTPServer(func(h *http.Server) { h.Protocols.SetHTTP2(false) }))
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	conn, err := tls.Dial("tcp", server.Addrs()[0].String(), &tls.Config{
		RootCAs: issued.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com",
		NextProtos: []string{"h2", "http/1.1"},
	})
	require.NoError(t, err)
	require.Equal(t, "http/1.1", conn.ConnectionState().NegotiatedProtocol)
	require.NoError(t, conn.Close())
	require.Empty(t, config.NextProtos, "the caller's configuration was changed")
}
