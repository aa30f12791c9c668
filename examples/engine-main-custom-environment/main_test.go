package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestDevEnvironment is Ktor's testDevEnvironment.
func TestDevEnvironment(t *testing.T) {
	host := apptest.Start(t, Module, apptest.Properties(map[string]any{"ktor.environment": "dev"}))
	assert.Equal(t, "Development", apptest.Text(t, host.Get("/")))
}

func TestEnvironmentVariable(t *testing.T) {
	for _, file := range []string{"application.conf", "application.yaml"} {
		t.Run(file, func(t *testing.T) {
			host := apptest.Start(t, Module, apptest.Configuration(file))
			assert.Equal(t, "...", apptest.Text(t, host.Get("/")))

			t.Setenv("KTOR_ENV", "prod")
			host = apptest.Start(t, Module, apptest.Configuration(file))
			assert.Equal(t, "Production", apptest.Text(t, host.Get("/")))
		})
	}
}
