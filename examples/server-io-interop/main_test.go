package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// The cases are Ktor's ApplicationTest.
func TestResponses(t *testing.T) {
	host := apptest.Start(t, Module)
	for name, test := range map[string]struct{ path, text string }{
		"testSink":         {"/sink", "Hello from kotlinx-io Sink!"},
		"testRawSink":      {"/raw-sink", "*Hello via RawSink"},
		"testOutputStream": {"/output-stream", "Hello from OutputStream-backed channel!"},
	} {
		response := host.Get(test.path)
		assert.Equal(t, http.StatusOK, response.StatusCode, name)
		assert.Equal(t, test.text, apptest.Text(t, response), name)
	}
}
