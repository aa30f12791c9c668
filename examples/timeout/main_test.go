package main

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

func TestProxy(t *testing.T) {
	for delay, want := range map[string]struct {
		status int
		text   string
		takes  time.Duration
	}{
		"900":   {http.StatusOK, "It's OK!", 900 * time.Millisecond},
		"60000": {http.StatusGatewayTimeout, "the request has timed out after a second", time.Second},
	} {
		t.Run(delay, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.New(t)
				host.Start(Module(host.Client(), host.URL))
				began := time.Now()
				response := host.Get("/proxy?delay=" + delay)
				assert.Equal(t, want.status, response.StatusCode)
				assert.Equal(t, want.text, apptest.Text(t, response))
				assert.Equal(t, want.takes, time.Since(began))
			})
		})
	}
}

func TestNoDelay(t *testing.T) {
	host := apptest.New(t)
	host.Start(Module(host.Client(), host.URL))
	assert.Equal(t, http.StatusBadRequest, host.Get("/timeout").StatusCode)
	assert.Equal(t, http.StatusBadGateway, host.Get("/proxy").StatusCode)
}
