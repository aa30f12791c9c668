package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestXForwardedValue is Ktor's testXForwardedValue, with addresses in place of
// the names of proxies: the first one that is none is the client's.
func TestXForwardedValue(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/hello", apptest.Header("X-Forwarded-For", "10.0.0.123, 172.18.0.2, 172.18.0.3"),
		apptest.Header("X-Forwarded-Host", "shop.example"))
	assert.Equal(t, "remoteHost: 192.0.2.2, originRemoteHost: 10.0.0.123\nserverHost: localhost, originServerHost: shop.example",
		apptest.Text(t, response))
}

// TestWhatAClientSaysOfItself is not believed: the proxy has appended where it
// came from.
func TestWhatAClientSaysOfItself(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/hello", apptest.Header("X-Forwarded-For", "127.0.0.1, 203.0.113.7, 172.18.0.2"))
	assert.Contains(t, apptest.Text(t, response), "originRemoteHost: 203.0.113.7\n")
	response = host.Get("/hello", apptest.Header("X-Forwarded-For", "203.0.113.7"), apptest.Header("Forwarded", "for=127.0.0.1"))
	assert.Equal(t, http.StatusBadRequest, response.StatusCode, "the two headers say different things")
}
