package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestAPI is Ktor's testApi.
func TestAPI(t *testing.T) {
	application := apptest.Start(t, Module).Application()
	for port, want := range map[int]string{8080: "Connected to public API", 9090: "Connected to private API"} {
		local := context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{Port: port})
		answered := httptest.NewRecorder()
		application.ServeHTTP(answered, httptest.NewRequestWithContext(local, http.MethodGet, "/", nil))
		assert.Equal(t, want, answered.Body.String())
	}
}
