package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// These are Ktor's GsonAppTest. Two of them are switched off in Ktor: they expect
// a date without the adapter, and a module that is not loaded.

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
		`  "date": "2018-04-13"`,
		`}`,
	}, strings.Split(apptest.Text(t, response), "\n"))
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

func TestGsonDateFormat(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/v1")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	var model Model
	require.NoError(t, json.Unmarshal([]byte(apptest.Text(t, response)), &model))
	assert.Equal(t, root(), model)
}
