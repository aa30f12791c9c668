package main

import (
	_ "embed"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/slapdtest"
)

//go:embed people.ldif
var people string

func as(name, password string) apptest.RequestOption {
	return func(r *http.Request) { r.SetBasicAuth(name, password) }
}

func TestAuthLDAP(t *testing.T) {
	server := slapdtest.Start(t, "dc=ktor,dc=io", people)
	host := apptest.Start(t, Asking(server.URL()))
	response := host.Get("/")
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.Equal(t, `Basic realm="Chitor Server", charset="UTF-8"`, response.Header.Get("WWW-Authenticate"))
	assert.Equal(t, "Hello, jetbrains!", apptest.Text(t, host.Get("/", as("jetbrains", "foobar"))))
	assert.Equal(t, "Hello, sampleuser!", apptest.Text(t, host.Get("/", as("sampleuser", "123456"))))
	for _, wrong := range []apptest.RequestOption{as("jetbrains", "123456"), as("jetbrains", ""), as("nobody", "foobar"), as("*", "foobar")} {
		assert.Equal(t, http.StatusUnauthorized, host.Get("/", wrong).StatusCode)
	}
	server.Kill(t)
	assert.Equal(t, http.StatusInternalServerError, host.Get("/", as("jetbrains", "foobar")).StatusCode)
}
