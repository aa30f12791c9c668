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

func TestVersions(t *testing.T) {
	server := engine.EmbeddedServer(Module,
		engine.Connector("127.0.0.1", 0),
		engine.TLSConnector("127.0.0.1", 0, engine.GeneratedCertificate()))
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, server.Stop(context.Background())) })
	addrs := server.Addrs()

	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
	client := &http.Client{Transport: transport}
	t.Cleanup(client.CloseIdleConnections)
	for url, want := range map[string]string{
		"http://" + addrs[0].String():  "HTTP version is HTTP/1.1",
		"https://" + addrs[1].String(): "HTTP version is HTTP/2.0",
	} {
		response, err := client.Get(url)
		require.NoError(t, err)
		assert.Equal(t, want, apptest.Text(t, response))
		assert.NoError(t, response.Body.Close())
	}
}
