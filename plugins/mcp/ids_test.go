package mcphttp_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
)

// One session at a time is given its ID, and none takes that of another, whether or
// not the SDK has asked for it.
func TestWhoseIDItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := mcphttp.NewGate()
		leaveFirst, err := gate.Enter(t.Context(), "first")
		require.NoError(t, err)
		assert.Equal(t, "first", gate.ID())
		leaveSecond, err := gate.Enter(t.Context(), "second")
		require.NoError(t, err)
		leaveFirst() // its request ends late
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = gate.Enter(gone, "gone")
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, "second", gate.ID())
		leaveSecond()
		leaveThird, err := gate.Enter(t.Context(), "third")
		require.NoError(t, err)
		leaveThird() // the SDK has not asked
		assert.Len(t, gate.ID(), 26, "it is nobody's")
	})
}

// Users without a name are not one user.
func TestSessionsOfNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, kit{handler: func(c *mcphttp.HandlerConfig) {
			c.SessionsOfUser = 1
			c.User = func(context.Context) string { return "" }
		}}.module)
		for range 3 {
			begin(t, host, "ada")
		}
	})
}
