package static_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// openBelow returns what this process has open at or below a path.
func openBelow(t *testing.T, path string) []string {
	t.Helper()
	const descriptors = "/proc/self/fd"
	entries, err := os.ReadDir(descriptors)
	require.NoError(t, err)
	var open []string
	for _, entry := range entries {
		if target, err := os.Readlink(filepath.Join(descriptors, entry.Name())); err == nil && strings.HasPrefix(target, path) {
			open = append(open, target)
		}
	}
	return open
}

// TestNothingStaysOpen but the directory and the archive, however a call ends,
// and not even these when the application has stopped.
func TestNothingStaysOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		place, err := filepath.EvalSymlinks(t.TempDir())
		require.NoError(t, err)
		site, archive := filepath.Join(place, "site"), filepath.Join(place, "files.zip")
		names := []string{"index.html", "a.txt", "a.txt.br", "b.txt", "fails.txt", "answers.txt", "panics.txt"}
		build := func() {
			require.NoError(t, os.RemoveAll(site))
			files := tree{}
			for _, name := range names {
				files[name] = strings.Repeat(name, 1000)
				write(t, filepath.Join(site, name), files[name])
			}
			write(t, archive+".new", zipped(t, zipHeaders(names...), files))
			require.NoError(t, os.Rename(archive+".new", archive))
		}
		build()
		configure := func(c *static.Config) {
			c.PreCompressed, c.HashETags, c.Extensions, c.Default = []static.Coding{static.Brotli}, true, []string{"txt"}, "b.txt"
			c.RedirectFolders, c.Assets = true, &static.Assets{}
			c.Modify = func(c *app.Call, f static.File) error {
				switch f.Name {
				case "fails.txt":
					return app.NewError(http.StatusConflict, "no")
				case "answers.txt":
					return c.RespondText("mine")
				case "panics.txt":
					panic("out of order")
				default:
					return nil
				}
			}
		}
		h := host(t, func(r *routing.Route) {
			static.Files(r, "/files", site, configure)
			static.Zip(r, "/zip", archive, configure)
		})
		for range 3 {
			for _, content := range []string{"/files", "/zip"} {
				for _, name := range []string{"", "/", "/a.txt", "/a", "/a.txt/", "/none", "/fails.txt", "/answers.txt", "/panics.txt", "/.env"} {
					for _, header := range []apptest.RequestOption{accepting("br"), accepting("gzip"), apptest.Header("Range", "bytes=1-2"), apptest.Header("If-None-Match", "*")} {
						_, err := readAll(h.Get(content+name, header))
						require.NoError(t, err)
						_, err = readAll(h.Head(content+name, header))
						require.NoError(t, err)
					}
				}
			}
			synctest.Wait()
			assert.ElementsMatch(t, []string{site, archive}, openBelow(t, place))
			build()
			time.Sleep(time.Second)
		}
		h.Stop()
		assert.Empty(t, openBelow(t, place))
	})
}
