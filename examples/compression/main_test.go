package main

import (
	"compress/zlib"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// TestRoot is Ktor's testRoot.
func TestRoot(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/", apptest.Header("Accept-Encoding", "gzip, deflate"))
	assert.Equal(t, "deflate", response.Header.Get("Content-Encoding"))
	decoder, err := zlib.NewReader(response.Body)
	require.NoError(t, err)
	body, err := io.ReadAll(decoder)
	require.NoError(t, err)
	assert.Equal(t, "Hello, world!", string(body))
}

// Gzip is for scripts, so a client that accepts only gzip gets the text as it is.
func TestTextIsNotGzipped(t *testing.T) {
	host := apptest.Start(t, Module)
	for _, accept := range []string{"gzip", "br", "deflate;q=0"} {
		response := host.Get("/", apptest.Header("Accept-Encoding", accept))
		assert.Empty(t, response.Header.Get("Content-Encoding"))
		assert.Equal(t, "Hello, world!", apptest.Text(t, response))
	}
}
