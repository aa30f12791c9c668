package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// The first two are Ktor's JacksonApplicationTest, except for spaces, which
// Jackson's printer puts in other places.

func TestV1(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/v1")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, []string{
		`{`,
		`  "name": "root",`,
		`  "items": [`,
		`    {`,
		`      "key": "A",`,
		`      "value": "Apache"`,
		`    },`,
		`    {`,
		`      "key": "B",`,
		`      "value": "Bing"`,
		`    }`,
		`  ],`,
		`  "date": [`,
		`    2018,`,
		`    4,`,
		`    13`,
		`  ]`,
		`}`,
	}, strings.Split(apptest.Text(t, response), "\n"))
	assert.Equal(t, "Chitor", response.Header.Get("Server"))
	host.Stop()
	assert.Len(t, host.Log().Find("the call ended"), 1)
}

func TestV1ItemKey(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/v1/item/B")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, []string{
		`{`,
		`  "key": "B",`,
		`  "value": "Bing"`,
		`}`,
	}, strings.Split(apptest.Text(t, response), "\n"))
	assert.Equal(t, http.StatusNotFound, host.Get("/v1/item/C").StatusCode)
}

// The plugin compresses from 200 bytes on, and no response is that long.
func TestCompression(t *testing.T) {
	host := apptest.Start(t, Module)
	for _, path := range []string{"/v1", "/v1/item/A"} {
		response := host.Get(path, apptest.Header("Accept-Encoding", "gzip"))
		assert.Empty(t, response.Header.Get("Content-Encoding"))
		assert.Less(t, len(apptest.Text(t, response)), 200)
	}
}
