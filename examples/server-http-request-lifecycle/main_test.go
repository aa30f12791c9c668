package main

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// TestClientDisconnectionCancelsRequest is Ktor's
// testClientDisconnectionCancelsRequest, in no time at all.
func TestClientDisconnectionCancelsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		ctx, leave := context.WithTimeout(t.Context(), 35*time.Second)
		defer leave()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, host.URL+"/long-process", nil)
		require.NoError(t, err)
		_, err = host.Client().Do(request)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		assert.Len(t, host.Log().Find("Very important work."), 3)
		assert.Len(t, host.Log().Find("Cleaning up resources."), 1)
	})
}
