package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

func TestHeader(t *testing.T) {
	host := apptest.Start(t, Module)
	for url, want := range map[string]string{
		"https://localhost/":      "max-age=10; includeSubDomains",
		"https://sample-host/":    "max-age=60",
		"https://localhost:8443/": "",
		"http://localhost/":       "",
	} {
		response := host.Get(url)
		assert.Equal(t, "Hello, world!", apptest.Text(t, response), url)
		assert.Equal(t, want, response.Header.Get("Strict-Transport-Security"), url)
	}
}
