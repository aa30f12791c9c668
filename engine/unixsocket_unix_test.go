//go:build unix

package engine_test

import (
	"context"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
)

// askUnix asks the server at a Unix socket.
func askUnix(t *testing.T, path string) string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
		DisableKeepAlives: true,
	}}
	response, err := client.Get("http://localhost/")
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	return apptest.Text(t, response)
}

// staleSocket returns the path of a socket whose process has died.
func staleSocket(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "socket")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	dead.SetUnlinkOnClose(false)
	require.NoError(t, dead.Close())
	require.FileExists(t, path)
	return path
}

func TestUnixSocket(t *testing.T) {
	leavesNothing(t)
	cases := map[string]struct {
		path func(t *testing.T) string
		mode fs.FileMode
		want fs.FileMode // 0: whatever the umask leaves
	}{
		"a new one":         {func(t *testing.T) string { return filepath.Join(t.TempDir(), "socket") }, 0, 0},
		"for its group":     {func(t *testing.T) string { return filepath.Join(t.TempDir(), "socket") }, 0o660, 0o660},
		"for everybody":     {func(t *testing.T) string { return filepath.Join(t.TempDir(), "socket") }, 0o777, 0o777},
		"of a dead process": {staleSocket, 0o600, 0o600},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			path := test.path(t)
			server := engine.EmbeddedServer(answer(hello), engine.UnixSocket(path, test.mode), quiet)
			require.NoError(t, server.Start(t.Context()))
			t.Cleanup(func() { _ = server.Stop(context.Background()) })
			info, err := os.Stat(path)
			require.NoError(t, err)
			if test.want != 0 {
				assert.Equal(t, test.want, info.Mode().Perm())
			}
			assert.Equal(t, "hello", askUnix(t, path))
			assert.Equal(t, path, server.Addrs()[0].String())
			require.NoError(t, server.Stop(t.Context()))
			assert.NoFileExists(t, path)
		})
	}
}

func TestUnixSocketIsNotTaken(t *testing.T) {
	leavesNothing(t)
	cases := map[string]struct {
		make func(t *testing.T, path string)
		says string
	}{
		"from a process that lives": {func(t *testing.T, path string) {
			live, err := net.Listen("unix", path)
			require.NoError(t, err)
			t.Cleanup(func() { _ = live.Close() })
		}, "another process listens there"},
		"from a file": {func(t *testing.T, path string) {
			require.NoError(t, os.WriteFile(path, []byte("kept"), 0o600))
		}, "the file is no socket"},
		"from a folder": {func(t *testing.T, path string) {
			require.NoError(t, os.Mkdir(path, 0o700))
		}, "the file is no socket"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "socket")
			test.make(t, path)
			before, err := os.Stat(path)
			require.NoError(t, err)
			server := engine.EmbeddedServer(answer(hello), engine.UnixSocket(path, 0o600), quiet)
			require.EqualError(t, server.Start(t.Context()), "start server: listen unix "+path+": "+test.says)
			after, err := os.Stat(path)
			require.NoError(t, err)
			assert.Equal(t, before.Mode(), after.Mode())
			assert.True(t, os.SameFile(before, after))
		})
	}
}

func TestUnixSocketWithoutAFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "socket")
	server := engine.EmbeddedServer(answer(hello), engine.UnixSocket(path, 0), quiet)
	err := server.Start(t.Context())
	require.ErrorIs(t, err, syscall.ENOENT)
	require.ErrorContains(t, err, path)
}

// A server that cannot start leaves no file behind.
func TestUnixSocketIsRemovedWhenAnotherConnectorFails(t *testing.T) {
	leavesNothing(t)
	path := filepath.Join(t.TempDir(), "socket")
	server := engine.EmbeddedServer(answer(hello),
		engine.UnixSocket(path, 0o600), engine.Connector("127.0.0.1", busy(t)), quiet)
	require.Error(t, server.Start(t.Context()))
	require.NoFileExists(t, path)
}
