package main

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		response := host.Get("/events")
		for event := range ssetest.Events(t, response.Body) {
			require.Contains(t, event.Data, "this is SSE")
		}
	})
}
