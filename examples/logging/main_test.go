package main

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
)

// logbook is a log for a test to read.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// count returns how many lines contain part.
func (l *logbook) count(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), part)
}

func (l *logbook) option() apptest.Option {
	return apptest.Engine(engine.Logger(slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: levelTrace}))))
}

func TestCallLogging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logbook
		host := apptest.Start(t, Module, log.option())
		assert.Equal(t, 1, log.count(`level=INFO msg="Hello from module!"`))

		assert.Equal(t, "Hello, world!", apptest.Text(t, host.Get("/api/v1", apptest.Header("User-Agent", "curl"))))
		assert.Equal(t, "Bye!", apptest.Text(t, host.Get("/api/v2", apptest.Header("User-Agent", "curl"))))
		synctest.Wait()
		assert.Equal(t, 1, log.count(`level=INFO msg="Hello from /api/v1!"`))
		assert.Equal(t, 1, log.count(`level=INFO msg="Status: 200 OK, HTTP method: GET, User agent: curl" status=200 method=GET path=/api/v1 `))
		assert.Equal(t, 1, log.count("end="), "what the filter leaves out has no line")
	})
}

func TestRequestTracePlugin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logbook
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(RequestTracePlugin)
			Module(a)
		}, log.option())
		host.Get("/api/v2?x=1")
		synctest.Wait()
		assert.Equal(t, 1, log.count(`level=DEBUG-4 msg="Processing call" logger=RequestTracePlugin uri="/api/v2?x=1"`))
	})
}
