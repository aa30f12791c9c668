package http3_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	quichttp3 "github.com/quic-go/quic-go/http3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/engine/http3"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

var quiet = engine.Logger(slog.New(slog.DiscardHandler))

// start starts a server with HTTP/3 and asserts in the end that none of its
// goroutines is left.
func start(t *testing.T, module app.Module, options ...engine.Option) *engine.Server {
	t.Helper()
	before := runtime.NumGoroutine()
	server := engine.EmbeddedServer(module, append([]engine.Option{
		engine.TLSConnector("127.0.0.1", 0, engine.GeneratedCertificate()), quiet,
	}, options...)...)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() {
		_ = server.Stop(context.Background())
		left := func() bool { return runtime.NumGoroutine() <= before+1 } // it runs in one itself
		if !assert.Eventually(t, left, 10*time.Second, 10*time.Millisecond, "goroutines are left") {
			all := make([]byte, 1<<20)
			t.Log(string(all[:runtime.Stack(all, true)]))
		}
	})
	return server
}

// trusting accepts the certificate that a server generates.
func trusting() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }

// dial returns a client that speaks HTTP/3 alone.
func dial(t *testing.T) *http.Client {
	t.Helper()
	transport := &quichttp3.Transport{TLSClientConfig: trusting()}
	t.Cleanup(func() { _ = transport.Close() })
	return &http.Client{Transport: transport}
}

func url(server *engine.Server, path string) string {
	return "https://" + server.Addrs()[0].String() + path
}

func module(routes func(*routing.Route)) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, routes)
	}
}

func TestServesBesideTLS(t *testing.T) {
	server := start(t, module(func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText(c.Request.Proto) })
		r.Post("/", func(c *app.Call) error {
			text, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText(strconv.Itoa(len(text)))
		})
		r.Post("/both", func(c *app.Call) error {
			if err := http.NewResponseController(c.Writer()).EnableFullDuplex(); err != nil {
				return err
			}
			lines := bufio.NewScanner(c.Request.Body)
			for lines.Scan() {
				if _, err := io.WriteString(c.Writer(), strings.ToUpper(lines.Text())+"\n"); err != nil {
					return err
				}
				if err := http.NewResponseController(c.Writer()).Flush(); err != nil {
					return err
				}
			}
			return lines.Err()
		})
		r.Get("/hijack", func(c *app.Call) error {
			_, _, err := http.NewResponseController(c.Writer()).Hijack()
			assert.ErrorIs(t, err, http.ErrNotSupported)
			return c.RespondText("no")
		})
		r.Get("/large", func(c *app.Call) error { return c.RespondText(strings.Repeat("x", 5<<20)) })
	}), http3.Transport())
	addrs := server.Addrs()
	require.Len(t, addrs, 2)
	tcp, udp := addrs[0].(*net.TCPAddr), addrs[1].(*net.UDPAddr)
	assert.Equal(t, tcp.Port, udp.Port)
	announced := `h3=":` + strconv.Itoa(tcp.Port) + `"; ma=86400`
	client := dial(t)

	response, err := client.Get(url(server, "/"))
	require.NoError(t, err)
	assert.Equal(t, "HTTP/3.0", apptest.Text(t, response))
	assert.Empty(t, response.Header.Values("Alt-Svc"))

	older := &http.Transport{TLSClientConfig: trusting(), ForceAttemptHTTP2: true}
	t.Cleanup(older.CloseIdleConnections)
	response, err = (&http.Client{Transport: older}).Get(url(server, "/"))
	require.NoError(t, err)
	assert.Equal(t, "HTTP/2.0", apptest.Text(t, response))
	assert.Equal(t, []string{announced}, response.Header.Values("Alt-Svc"))
	older.CloseIdleConnections()

	response, err = client.Post(url(server, "/"), "text/plain", strings.NewReader(strings.Repeat("x", 1<<20)))
	require.NoError(t, err)
	assert.Equal(t, "1048576", apptest.Text(t, response))

	response, err = client.Get(url(server, "/hijack"))
	require.NoError(t, err)
	assert.Equal(t, "no", apptest.Text(t, response))

	response, err = client.Get(url(server, "/large"))
	require.NoError(t, err)
	assert.Len(t, apptest.Text(t, response), 5<<20)

	body, write := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url(server, "/both"), body)
	require.NoError(t, err)
	go func() { _, _ = io.WriteString(write, "one\n") }()
	response, err = client.Do(request)
	require.NoError(t, err)
	lines := bufio.NewReader(response.Body)
	for _, next := range []string{"ONE\n", "TWO\n"} {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, next, line)
		if next == "ONE\n" {
			_, err := io.WriteString(write, "two\n")
			require.NoError(t, err)
		}
	}
	require.NoError(t, write.Close())
	require.NoError(t, response.Body.Close())
}
