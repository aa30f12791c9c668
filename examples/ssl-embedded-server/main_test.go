package main

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// TestTLS asks the application over TLS, by each of the names that the
// certificate is for.
func TestTLS(t *testing.T) {
	certificate, err := selfSigned("localhost", "127.0.0.1")
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(certificate.Leaf)

	network := memnet.Listen()
	secured := tls.NewListener(network, &tls.Config{Certificates: []tls.Certificate{certificate}})
	apptest.Start(t, Module, apptest.Engine(engine.Listener(secured)))

	client := &http.Client{Transport: &http.Transport{
		DialContext:     network.DialContext,
		TLSClientConfig: &tls.Config{RootCAs: roots},
	}}
	t.Cleanup(client.CloseIdleConnections)
	for _, host := range []string{"localhost", "127.0.0.1"} {
		response, err := client.Get("https://" + net.JoinHostPort(host, "8443"))
		require.NoError(t, err)
		assert.Equal(t, "Hello, world!", apptest.Text(t, response))
		assert.NoError(t, response.Body.Close())
	}
	_, err = client.Get("https://example.com:8443")
	var notItsName x509.HostnameError
	assert.ErrorAs(t, err, &notItsName)
}

func TestPlain(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, "Hello, world!", apptest.Text(t, host.Get("/")))
}
