package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
)

// id has capitals, which only the sample's own verifier lets pass.
const id = "13A3FEB9-d83b-40ad-839a-d7d5cb147f54"

// The log is read when all goroutines wait.
func TestCallID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		host := apptest.Start(t, Module, apptest.Engine(engine.Logger(slog.New(slog.NewTextHandler(&log, nil)))))

		response := host.Get("/", apptest.Header("X-Request-ID", id))
		assert.Equal(t, "Hello, world!", apptest.Text(t, response))
		assert.Equal(t, id, response.Header.Get("X-Request-Id"))
		synctest.Wait()
		assert.Equal(t, 1, strings.Count(log.String(), "status=200 method=GET path=/"))
		assert.Equal(t, 1, strings.Count(log.String(), "call-id="+id+"\n"))

		response = host.Get("/")
		assert.Empty(t, response.Header.Get("X-Request-Id"))
		synctest.Wait()
		assert.Equal(t, 2, strings.Count(log.String(), "status=200 method=GET path=/"))
		assert.Equal(t, 1, strings.Count(log.String(), "call-id="), "a call without an id shows none")
	})
}

func TestHostileID(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/", apptest.Header("X-Request-ID", strings.Repeat("x", 257)))
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	assert.Empty(t, response.Header.Get("X-Request-Id"))
}
