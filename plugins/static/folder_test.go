//go:build unix

package static_test

import (
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

func TestLinksLeadNowhereOutside(t *testing.T) {
	directory := tree{"secret.txt": "secret", "public/a.txt": "a", "public/sub/b.txt": "b"}.directory(t)
	public := filepath.Join(directory, "public")
	for name, target := range map[string]string{
		"out": "../secret.txt", "absolute": filepath.Join(directory, "secret.txt"), "up": "..", "root": "/", "self": "self", "broken": "none",
		"inside": "a.txt", "folder": "sub", "sub/back": "../a.txt", "in-absolute": filepath.Join(public, "a.txt"),
	} {
		require.NoError(t, os.Symlink(target, filepath.Join(public, name)))
	}
	h := host(t, func(r *routing.Route) { static.Files(r, "/", public) })
	for path, want := range map[string]string{"/inside": "a", "/folder/b.txt": "b", "/sub/back": "a"} {
		assertBody(t, h, path, want)
	}
	for _, path := range []string{"/out", "/absolute", "/up", "/up/secret.txt", "/root", "/root/etc/passwd", "/self", "/broken", "/in-absolute"} {
		assertStatus(t, h, path, http.StatusNotFound)
	}
}

// TestSpecialFilesAreNotThere: to open a pipe for reading would wait for one who
// writes.
func TestSpecialFilesAreNotThere(t *testing.T) {
	directory := t.TempDir()
	require.NoError(t, syscall.Mkfifo(filepath.Join(directory, "pipe"), 0o600))
	require.NoError(t, syscall.Mkfifo(filepath.Join(directory, "index.html"), 0o600))
	t.Chdir(directory) // the path of a socket is short
	listener, err := net.Listen("unix", "socket")
	require.NoError(t, err)
	defer listener.Close()
	h := host(t, func(r *routing.Route) {
		static.Files(r, "/files", directory, func(c *static.Config) { c.Default = "pipe" })
		static.Resources(r, "/resources", os.DirFS(directory))
	})
	for _, path := range []string{"/files/pipe", "/files", "/files/none", "/resources/pipe", "/resources", "/files/socket", "/resources/socket"} {
		assertStatus(t, h, path, http.StatusNotFound)
	}
	assert.Empty(t, h.Log().AtLeast(8))
}

// TestADirectoryIsReplaced: by a build that begins with removing it, and by a
// link that is turned to another release.
func TestADirectoryIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		place := t.TempDir()
		dist, current := filepath.Join(place, "dist"), filepath.Join(place, "current")
		write(t, filepath.Join(dist, "a.txt"), "1")
		write(t, filepath.Join(place, "release", "a.txt"), "2")
		require.NoError(t, os.Symlink("dist", current))
		h := host(t, func(r *routing.Route) {
			static.Files(r, "/dist", dist)
			static.Files(r, "/current", current)
		})
		assertBody(t, h, "/dist/a.txt", "1")
		assertBody(t, h, "/current/a.txt", "1")

		require.NoError(t, os.Remove(current))
		require.NoError(t, os.Symlink("release", current))
		require.NoError(t, os.RemoveAll(dist))
		time.Sleep(time.Second)
		assertStatus(t, h, "/dist/a.txt", http.StatusNotFound)
		assertBody(t, h, "/current/a.txt", "2")

		write(t, filepath.Join(dist, "a.txt"), "3")
		time.Sleep(time.Second)
		assertBody(t, h, "/dist/a.txt", "3")
		require.NoError(t, os.RemoveAll(dist))
		require.NoError(t, syscall.Mkfifo(dist, 0o600))
		time.Sleep(time.Second)
		assertStatus(t, h, "/dist/a.txt", http.StatusNotFound)
	})
}

// TestADefaultFileIsReplaced, with its variant: nothing is kept of either.
func TestADefaultFileIsReplaced(t *testing.T) {
	directory := tree{"index.txt": "index.txt", "index.txt.br": "index.txt.br"}.directory(t)
	h := host(t, func(r *routing.Route) {
		static.Files(r, "static", directory, func(c *static.Config) {
			c.Default, c.PreCompressed = "index.txt", []static.Coding{static.Brotli}
		})
	})
	assertBody(t, h, "/static/error", "index.txt")
	assertBody(t, h, "/static/error", "index.txt.br", accepting("br"))
	write(t, filepath.Join(directory, "index.txt"), "new.txt")
	write(t, filepath.Join(directory, "index.txt.br"), "new.txt.br")
	assertBody(t, h, "/static/error", "new.txt")
	assertBody(t, h, "/static/error", "new.txt.br", accepting("br"))
}

// TestAFileChangesWhileItIsSent: what was opened is sent, and never more than
// was promised.
func TestAFileChangesWhileItIsSent(t *testing.T) {
	const size = 4 << 20
	for name, test := range map[string]struct {
		change func(t *testing.T, path string)
		status int
		whole  bool
	}{
		"replaced": {func(t *testing.T, path string) {
			require.NoError(t, os.WriteFile(path+".new", []byte("new"), 0o600))
			require.NoError(t, os.Rename(path+".new", path))
		}, 200, true},
		"removed": {func(t *testing.T, path string) { require.NoError(t, os.Remove(path)) }, 200, true},
		"grown": {func(t *testing.T, path string) {
			file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			require.NoError(t, err)
			_, err = file.WriteString(strings.Repeat("y", 1000))
			require.NoError(t, err)
			require.NoError(t, file.Close())
		}, 200, true},
		"cut":      {func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 1<<20)) }, 200, false},
		"emptied":  {func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 0)) }, 500, true},
		"no right": {func(t *testing.T, path string) { require.NoError(t, os.Chmod(path, 0)) }, 200, true},
	} {
		t.Run(name, func(t *testing.T) {
			directory := tree{"big.txt": strings.Repeat("x", size)}.directory(t)
			changed := false
			h := apptest.Start(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) {
					static.Files(r, "/", directory, func(c *static.Config) {
						c.Modify = func(*app.Call, static.File) error { // it is open by now
							if !changed {
								test.change(t, filepath.Join(directory, "big.txt"))
							}
							changed = true
							return nil
						}
					})
				})
			}, apptest.Loopback())
			response := h.Get("/big.txt")
			require.Equal(t, test.status, response.StatusCode)
			data, err := readAll(response)
			switch {
			case !test.whole:
				require.Error(t, err, "the connection is cut")
			case test.status == http.StatusOK:
				require.NoError(t, err)
				same := data == strings.Repeat("x", size) // too long to print
				assert.True(t, same, "the bytes that were there")
			}
		})
	}
}

// refusing is a file system whose files must not be read.
type refusing struct{ fs.FS }

func (refusing) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EACCES}
}

// failing is a file system that is out of order.
type failing struct{ fs.FS }

func (failing) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EIO}
}

func TestWhatCannotBeRead(t *testing.T) {
	nothing := refusing{fstest.MapFS{}}
	h := host(t, func(r *routing.Route) {
		static.Resources(r, "/refused", nothing, func(c *static.Config) { c.Default = "index.html" })
		static.Resources(r, "/failing", failing{})
	})
	assertStatus(t, h, "/refused/a.txt", http.StatusForbidden)
	response := h.Get("/failing/a.txt")
	assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
	assert.NotContains(t, apptest.Text(t, response), "a.txt")
}
