package engine_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/engine"
)

// The name of an abstract socket is nobody's file, and free when it is closed.
func TestAbstractUnixSocket(t *testing.T) {
	path := "@" + filepath.Join(t.TempDir(), "socket")
	for range 2 {
		server := engine.EmbeddedServer(answer(hello), engine.UnixSocket(path, 0o600), quiet)
		require.NoError(t, server.Start(t.Context()))
		assert.Equal(t, "hello", askUnix(t, path))
		require.NoError(t, server.Stop(t.Context()))
	}
}
