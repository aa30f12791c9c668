package main

import (
	"compress/gzip"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// The first two are Ktor's JacksonApplicationTest, without the spaces that Jackson's printer puts elsewhere.

func TestV1(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/v1")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, `{
  "name": "root",
  "items": [
    {
      "key": "A",
      "value": "Apache"
    },
    {
      "key": "B",
      "value": "Bing"
    }
  ],
  "date": [
    2018,
    4,
    13
  ]
}`, apptest.Text(t, response))
	assert.Equal(t, "Chitor", response.Header.Get("Server"))
	assert.NotEmpty(t, host.Log().Find("/v1"))
}

func TestV1ItemKey(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/v1/item/B")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, `{
  "key": "B",
  "value": "Bing"
}`, apptest.Text(t, response))
	assert.Equal(t, http.StatusNotFound, host.Get("/v1/item/C").StatusCode)
}

// The model has more than the 200 bytes from which on the plugin compresses, an item has not.
func TestCompressed(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/v1", apptest.Header("Accept-Encoding", "gzip"))
	assert.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
	decoder, err := gzip.NewReader(response.Body)
	require.NoError(t, err)
	model, err := io.ReadAll(decoder)
	require.NoError(t, err)
	assert.Equal(t, apptest.Text(t, host.Get("/v1")), string(model))

	response = host.Get("/v1/item/A", apptest.Header("Accept-Encoding", "gzip"))
	assert.Empty(t, response.Header.Get("Content-Encoding"))
}
