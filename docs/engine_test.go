package docs_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// who is a module that says whose certificate a client has.
func who(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			if c.Request.TLS == nil {
				return c.RespondText("nobody")
			}
			client := c.Request.TLS.PeerCertificates[0]
			return c.RespondText(client.Subject.CommonName)
		})
	})
}

// connectors is a server with one connector of each kind.
func connectors() *engine.Server {
	Module := who
	return engine.EmbeddedServer(Module,
		engine.Connector("0.0.0.0", 8080),
		engine.UnixSocket("/run/shop/http.sock", 0o660),
		engine.SystemdSockets("web"),
		engine.TLSConnector("0.0.0.0", 8443, engine.PEM("/etc/shop/server.pem", "/etc/shop/server.key")))
}

// certificates are options with one certificate of each kind.
func certificates() []engine.Option {
	return []engine.Option{
		engine.TLSConnector("0.0.0.0", 8443, engine.KeyStore("keystore.p12", "foobar", func(c *engine.KeyStoreConfig) {
			c.Alias = "sampleAlias"
			c.PrivateKeyPassword = "foobar"
		})),
		engine.TLSConnector("0.0.0.0", 443, engine.ACME(func(c *engine.ACMEConfig) {
			c.Hosts = []string{"example.org", "www.example.org"}
			c.CacheDirectory = "/var/lib/shop/certificates"
			c.AcceptTerms = true
			c.Email = "operations@example.org"
		})),
		engine.TLSConnector("localhost", 8443, engine.GeneratedCertificate("shop.test")),
		engine.TLSConnector("0.0.0.0", 8443, engine.PEM("server.pem", "server.key"),
			engine.ClientCertificates("clients.pem", ""),
			engine.TLSProtocols("TLSv1.3")),
	}
}

// The servers of the documentation are named well enough to find out that their
// files are missing.
func TestConnectorsOfTheDocumentation(t *testing.T) {
	t.Chdir(t.TempDir())
	require.Error(t, connectors().Start(t.Context()))
	server := engine.EmbeddedServer(who, certificates()...)
	require.ErrorContains(t, server.Start(t.Context()), "keystore.p12")
}

func TestAUnixSocketOfTheDocumentation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "http.sock")
	server := engine.EmbeddedServer(who, engine.UnixSocket(path, 0o660))
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
	response, err := client.Get("http://localhost/")
	require.NoError(t, err)
	assert.Equal(t, "nobody", apptest.Text(t, response))
	require.NoError(t, response.Body.Close())
	if info, err := os.Stat(path); assert.NoError(t, err) && runtime.GOOS != "windows" {
		assert.Equal(t, os.FileMode(0o660), info.Mode().Perm())
	}
}

func TestAClientCertificateOfTheDocumentation(t *testing.T) {
	const stores = "../internal/keystore/testdata/"
	server := engine.EmbeddedServer(who, engine.TLSConnector("127.0.0.1", 0,
		engine.KeyStore(stores+"openssl.p12", "changeit"), engine.ClientCertificates(stores+"ca.pem", "")))
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	_, err := client.Get("https://" + server.Addrs()[0].String())
	require.Error(t, err)
}
