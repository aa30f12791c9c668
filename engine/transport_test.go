package engine_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
)

// carrier is a transport that tells what is done with it.
type carrier struct {
	config   engine.TransportConfig
	fails    error // Listen
	announce string

	mu    sync.Mutex // guards steps
	steps []string

	over chan struct{}
	end  error // of Serve
}

func (c *carrier) step(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.steps = append(c.steps, name)
}

func (c *carrier) seen() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.steps
}

func (c *carrier) Listen(context.Context) (net.Addr, error) {
	c.step("listen")
	if c.fails != nil {
		return nil, c.fails
	}
	port := c.config.Addr.(*net.TCPAddr).Port
	return &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}, nil
}

func (c *carrier) Serve(base context.Context, server *http.Server) error {
	c.step("serve")
	<-c.over
	return c.end
}

func (c *carrier) Shutdown(context.Context) error {
	c.step("shut down")
	close(c.over)
	return nil
}

func (c *carrier) Close() error   { c.step("close"); return nil }
func (c *carrier) AltSvc() string { return c.announce }

// via returns carriers for each connector with TLS, which fail as told.
func via(made *[]*carrier, fails ...error) engine.Option {
	return engine.Via(func(config engine.TransportConfig) engine.Transport {
		c := &carrier{config: config, announce: `h9=":1"`, over: make(chan struct{}), end: http.ErrServerClosed}
		if len(*made) < len(fails) {
			c.fails = fails[len(*made)]
		}
		*made = append(*made, c)
		return c
	})
}

// altSvc asks over TLS or without, and returns what is announced.
func altSvc(t *testing.T, url string) []string {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	response, err := (&http.Client{Transport: transport}).Get(url)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.Header.Values("Alt-Svc")
}

func TestTransports(t *testing.T) {
	leavesNothing(t)
	var made []*carrier
	server := engine.EmbeddedServer(answer(hello), via(&made), quiet,
		engine.TLSConnector("127.0.0.1", 0, engine.GeneratedCertificate()),
		engine.Connector("127.0.0.1", 0),
		engine.TLSConnector("127.0.0.1", 0, engine.GeneratedCertificate()))
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	require.Len(t, made, 2, "one for each connector with TLS")
	addrs := server.Addrs()
	require.Len(t, addrs, 5)
	for i, beside := range []int{0, 2} {
		assert.Equal(t, addrs[beside], made[i].config.Addr)
		assert.Equal(t, port(t, addrs[beside]), addrs[3+i].(*net.UDPAddr).Port)
		assert.NotNil(t, made[i].config.TLS.GetCertificate)
	}
	assert.Equal(t, []string{`h9=":1"`}, altSvc(t, "https://"+addrs[0].String()))
	assert.Equal(t, []string{`h9=":1"`}, altSvc(t, "https://"+addrs[2].String()))
	assert.Empty(t, altSvc(t, "http://"+addrs[1].String()), "it is an alternative for https alone")
	require.NoError(t, server.Stop(t.Context()))
	for _, c := range made {
		assert.Equal(t, []string{"listen", "serve", "shut down", "close"}, c.seen())
	}
}

func TestTransportsThatFailToListen(t *testing.T) {
	leavesNothing(t)
	broken := errors.New("no such port")
	var made []*carrier
	server := engine.EmbeddedServer(answer(hello), via(&made, nil, broken), quiet,
		engine.TLSConnector("127.0.0.1", 0, engine.GeneratedCertificate()),
		engine.TLSConnector("127.0.0.1", 0, engine.GeneratedCertificate()))
	require.ErrorIs(t, server.Start(t.Context()), broken)
	assert.Equal(t, []string{"listen", "close"}, made[0].seen())
	assert.Equal(t, []string{"listen", "close"}, made[1].seen())
	_, err := net.Dial("tcp", made[0].config.Addr.String())
	require.Error(t, err, "the connector is still open")
}

// A transport that fails while the server runs is a listener that fails, and is
// announced no more.
func TestTransportsThatEnd(t *testing.T) {
	leavesNothing(t)
	broken := errors.New("the network is away")
	var made []*carrier
	server := engine.EmbeddedServer(answer(hello), via(&made), quiet,
		engine.TLSConnector("127.0.0.1", 0, engine.GeneratedCertificate()))
	require.NoError(t, server.Start(t.Context()))
	made[0].end = broken
	close(made[0].over)
	require.ErrorIs(t, server.Wait(), broken)
	assert.Empty(t, altSvc(t, "https://"+server.Addrs()[0].String()))
	made[0].over = make(chan struct{})
	require.NoError(t, server.Stop(t.Context()))
}

func TestHandlersMayAnnounceOtherwise(t *testing.T) {
	var made []*carrier
	server := engine.EmbeddedServer(answer(func(c *app.Call) error {
		c.Writer().Header().Set("Alt-Svc", "clear")
		return c.RespondText("")
	}), via(&made), quiet, engine.TLSConnector("127.0.0.1", 0, engine.GeneratedCertificate()))
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	assert.Equal(t, []string{"clear"}, altSvc(t, "https://"+server.Addrs()[0].String()))
}
