package main

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/andybalholm/brotli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

func TestPage(t *testing.T) {
	response := apptest.Start(t, Module).Get("/", apptest.Header("Accept-Encoding", "br"))
	assert.Equal(t, "br", response.Header.Get("Content-Encoding"))
	page, err := io.ReadAll(brotli.NewReader(response.Body))
	require.NoError(t, err)
	assert.Contains(t, string(page), prices(0))
}

func TestEcho(t *testing.T) {
	var sent bytes.Buffer
	writer := brotli.NewWriter(&sent)
	_, err := io.WriteString(writer, "Hello, world!")
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	response := apptest.Start(t, Module).Do(http.MethodPost, "/echo", &sent, apptest.Header("Content-Encoding", "br"))
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, "Hello, world!", string(text))
}

func TestPrices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		response := host.Get("/prices", apptest.Header("Accept-Encoding", "br"))
		assert.Equal(t, "br", response.Header.Get("Content-Encoding"))
		second := 0
		for event := range ssetest.Events(t, brotli.NewReader(response.Body)) {
			require.Equal(t, prices(second), event.Data)
			if second++; second == 60 {
				break
			}
		}
		response.Body.Close()
	})
}
