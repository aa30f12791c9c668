package http3_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	quichttp3 "github.com/quic-go/quic-go/http3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/engine/http3"
	"github.com/chitor-go/chitor/routing"
)

func clientCertificate(file string) (tls.Certificate, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, leaf, _, err := pkcs12.DecodeChain(data, "changeit")
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}, nil
}

func nothing(*routing.Route) {}

// takenForUDP returns a socket whose port is free for TCP, and lies below those
// that a system chooses by itself.
func takenForUDP(t *testing.T) net.PacketConn {
	t.Helper()
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(20_000+rand.IntN(10_000)))
		taken, err := net.ListenPacket("udp", address)
		if err != nil {
			continue
		}
		t.Cleanup(func() { _ = taken.Close() })
		if listener, err := net.Listen("tcp", address); err == nil {
			require.NoError(t, listener.Close())
			return taken
		}
	}
	require.Fail(t, "no port is free")
	return nil
}

func TestStartErrors(t *testing.T) {
	taken := takenForUDP(t)
	port := taken.LocalAddr().(*net.UDPAddr).Port

	server := engine.EmbeddedServer(module(nothing), quiet, http3.Transport(),
		engine.TLSConnector("127.0.0.1", port, engine.GeneratedCertificate()))
	err := server.Start(t.Context())
	require.ErrorContains(t, err, "start server: beside https://"+taken.LocalAddr().String()+": listen udp ")
	_, err = net.DialTimeout("tcp", taken.LocalAddr().String(), time.Second)
	require.Error(t, err, "the connector is still open")

	server = engine.EmbeddedServer(module(nothing), quiet, http3.Transport(),
		engine.TLSConnector("127.0.0.1", 0, engine.GeneratedCertificate(), engine.TLSProtocols("TLSv1.2")))
	require.ErrorContains(t, server.Start(t.Context()), "listen for HTTP/3: the connector does not speak TLS 1.3")
}

func TestMistakes(t *testing.T) {
	site := app.Caller(0)
	none := http3.Transport(nil)
	age := http3.Transport(func(c *http3.Config) { c.MaxAge = -1 })
	port := http3.Transport(func(c *http3.Config) { c.Port = 70000 })
	server := engine.EmbeddedServer(module(nothing), quiet, none, age, port, engine.Via(nil))
	line := func(below int) string { return app.Site{File: site.File, Line: site.Line + below}.String() }
	require.EqualError(t, server.Start(t.Context()), line(1)+": HTTP/3: the configuration function is nil\n"+
		line(2)+": HTTP/3: MaxAge is negative\n"+
		line(3)+": HTTP/3: Port is 70000, which is none\n"+
		line(4)+": via: the function is nil")
}

// Without a connector that speaks TLS there is nothing to stand beside.
func TestWithoutTLS(t *testing.T) {
	server := engine.EmbeddedServer(module(nothing), quiet, engine.Connector("127.0.0.1", 0), http3.Transport())
	require.NoError(t, server.Start(t.Context()))
	assert.Len(t, server.Addrs(), 1)
	require.NoError(t, server.Stop(context.Background()))
}

// What quic-go sets by itself is no mistake of a handler.
func TestNothingIsWarnedOf(t *testing.T) {
	var log bytes.Buffer
	server := engine.EmbeddedServer(module(func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("hello") })
	}), engine.Logger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))), http3.Transport(),
		engine.TLSConnector("127.0.0.1", 0, engine.GeneratedCertificate()))
	require.NoError(t, server.Start(t.Context()))
	transport := &quichttp3.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	response, err := (&http.Client{Transport: transport}).Get("https://" + server.Addrs()[1].String())
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.NoError(t, transport.Close())
	require.NoError(t, server.Stop(context.Background()))
	assert.NotEmpty(t, response.Header.Get("Date"))
	assert.NotContains(t, log.String(), "headers were set")
}
