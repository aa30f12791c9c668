package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestRoot is Ktor's testRoot.
func TestRoot(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, "Hello, world!", apptest.Text(t, host.Get("/")))
}
