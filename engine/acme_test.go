package engine_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
)

// clientOf returns a client that finds every name at an address, and trusts an
// authority.
func clientOf(t *testing.T, address string, config *tls.Config) *http.Client {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	transport.DialContext = dialTo(address)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func dialTo(address string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}
}

func TestACME(t *testing.T) {
	leavesNothing(t)
	for _, challenge := range []string{"tls-alpn-01", "http-01"} {
		t.Run(challenge, func(t *testing.T) {
			issuer := newAuthority(t)
			issuer.challenge = challenge
			issuer.serve()
			cache := filepath.Join(t.TempDir(), "certificates")
			certificate := engine.ACME(func(c *engine.ACMEConfig) {
				c.Hosts = []string{"example.org"}
				c.CacheDirectory = cache
				c.AcceptTerms = true
				c.DirectoryURL = issuer.url + "/directory"
			})
			for range 2 { // the second server finds the certificate of the first
				server := engine.EmbeddedServer(answer(func(c *app.Call) error { return c.RespondText(c.Request.Proto) }),
					engine.Connector("127.0.0.1", 0), engine.TLSConnector("127.0.0.1", 0, certificate), quiet)
				require.NoError(t, server.Start(t.Context()))
				t.Cleanup(func() { _ = server.Stop(context.Background()) })
				issuer.plain, issuer.secure = server.Addrs()[0].String(), server.Addrs()[1].String()

				client := clientOf(t, issuer.secure, &tls.Config{RootCAs: issuer.roots})
				response, err := client.Get("https://example.org/")
				require.NoError(t, err)
				assert.Equal(t, "HTTP/2.0", apptest.Text(t, response))
				require.NoError(t, response.Body.Close())
				_, err = client.Get("https://other.example.org/")
				require.ErrorContains(t, err, "tls: internal error")
				client.CloseIdleConnections()

				plain := clientOf(t, issuer.plain, nil)
				response, err = plain.Get("http://example.org/.well-known/other")
				require.NoError(t, err)
				assert.Equal(t, "HTTP/1.1", apptest.Text(t, response), "the application answers all but the authority")
				require.NoError(t, response.Body.Close())
				plain.CloseIdleConnections()
				require.NoError(t, server.Stop(t.Context()))
			}
			assert.Equal(t, 1, issuer.issued)
			info, err := os.Stat(cache)
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o700), info.Mode().Perm()&0o777&^0o077)
		})
	}
}

func TestACMENeedsHostsADirectoryAndConsent(t *testing.T) {
	site := app.Caller(0)
	nothing := engine.ACME(func(*engine.ACMEConfig) {})
	both := engine.ACME(func(c *engine.ACMEConfig) {
		c.Hosts, c.HostPolicy = []string{"a"}, func(context.Context, string) error { return errors.New("no") }
		c.CacheDirectory, c.AcceptTerms = "x", true
	})
	none := engine.ACME(nil)
	server := engine.EmbeddedServer(answer(hello),
		engine.TLSConnector("", 0, nothing), engine.TLSConnector("", 0, both), engine.TLSConnector("", 0, none), quiet)
	line := func(below int) string { return app.Site{File: site.File, Line: site.Line + below}.String() }
	require.EqualError(t, server.Start(t.Context()), line(1)+": ACME: Hosts is empty: name the hosts that certificates are asked for\n"+
		line(1)+": ACME: CacheDirectory is empty: without it each start asks for new certificates\n"+
		line(1)+": ACME: AcceptTerms is false: the authority issues nothing before its terms are accepted\n"+
		line(2)+": ACME: both Hosts and HostPolicy are set\n"+
		line(6)+": ACME: the configuration function is nil")
}
