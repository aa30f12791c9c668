package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestRootRouteRespondsWithHelloWorldString is Ktor's
// rootRouteRespondsWithHelloWorldString.
func TestRootRouteRespondsWithHelloWorldString(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, "Hello, world!", apptest.Text(t, host.Get("/")))
}

func TestConfigured(t *testing.T) {
	host := apptest.Start(t, Module, apptest.Engine(configured()...))
	assert.Equal(t, "Hello, world!", apptest.Text(t, host.Get("/")))
	assert.Equal(t, 2*time.Second, host.Application().Config().ShutdownGrace)
	assert.Equal(t, 3*time.Second, host.Application().Config().ShutdownTimeout)
}

func TestCommandLine(t *testing.T) {
	host := apptest.Start(t, Module, apptest.Engine(options([]string{
		"-port=0", "-host=127.0.0.1", "-P:ktor.deployment.shutdownGracePeriod=2000", "-P:ktor.deployment.shutdownTimeout=3 s",
	})...))
	assert.Equal(t, "Hello, world!", apptest.Text(t, host.Get("/")))
	assert.Equal(t, 2*time.Second, host.Application().Config().ShutdownGrace)
	assert.Equal(t, 3*time.Second, host.Application().Config().ShutdownTimeout)
}
