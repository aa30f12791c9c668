package main

import (
	"context"
	"crypto/tls"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
)

// TestTLS asks the application over TLS, for the names that the certificate is
// for.
func TestTLS(t *testing.T) {
	server := engine.EmbeddedServer(Module, engine.TLSConnector("127.0.0.1", 0, engine.GeneratedCertificate()))
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, server.Stop(context.Background())) })

	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // what curl -k does
	}}
	t.Cleanup(client.CloseIdleConnections)
	response, err := client.Get("https://" + server.Addrs()[0].String())
	require.NoError(t, err)
	assert.Equal(t, "Hello, world!", apptest.Text(t, response))
	assert.NoError(t, response.Body.Close())
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		assert.NoError(t, response.TLS.PeerCertificates[0].VerifyHostname(host))
	}
}

func TestPlain(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, "Hello, world!", apptest.Text(t, host.Get("/")))
}
