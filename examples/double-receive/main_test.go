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

// TestDoubleReceive is Ktor's ApplicationTest. The log is read when all
// goroutines wait.
func TestDoubleReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: levelTrace}))
		host := apptest.Start(t, Module, apptest.Engine(engine.Logger(logger)))

		response := host.Do(http.MethodPost, "/", strings.NewReader("Hello, world!"))
		assert.Equal(t, "Text 'Hello, world!' is received", apptest.Text(t, response))
		synctest.Wait()
		assert.Equal(t, 1, strings.Count(log.String(), `msg="Body: Hello, world!" status=200`))
	})
}

// The handler does not receive this body.
func TestTheLogAloneReceives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: levelTrace}))
		host := apptest.Start(t, Module, apptest.Engine(engine.Logger(logger)))

		assert.Equal(t, http.StatusNotFound, host.Do(http.MethodPost, "/nowhere", strings.NewReader("lost")).StatusCode)
		synctest.Wait()
		assert.Equal(t, 1, strings.Count(log.String(), `msg="Body: lost" status=404`))
	})
}
