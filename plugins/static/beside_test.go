package static_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/plugins/partialcontent"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// TestBesidePluginsThatDoTheSame: conditions and ranges are answered once.
func TestBesidePluginsThatDoTheSame(t *testing.T) {
	overEach(t, tree{"a.bin": "0123456789", "a.bin.br": "in br"}, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) { serve(r, "/", offering(static.Brotli)) }, func(a *app.Application) {
			a.Install(conditionalheaders.Plugin)
			a.Install(partialcontent.Plugin)
		})
		for coding, body := range map[string]string{"identity": "0123456789", "br": "in br"} {
			whole := assertBody(t, h, "/a.bin", body, accepting(coding))
			assert.Equal(t, []string{"bytes"}, whole.Header.Values("Accept-Ranges"))
			tag := whole.Header.Get("ETag")
			part := h.Get("/a.bin", accepting(coding), apptest.Header("Range", "bytes=3-4"))
			assert.Equal(t, http.StatusPartialContent, part.StatusCode)
			assert.Equal(t, body[3:5], apptest.Text(t, part))
			assert.Equal(t, []string{"bytes 3-4/" + strconv.Itoa(len(body))}, part.Header.Values("Content-Range"))
			known := h.Get("/a.bin", accepting(coding), apptest.Header("Range", "bytes=3-4"), apptest.Header("If-None-Match", tag))
			assert.Equal(t, http.StatusNotModified, known.StatusCode, "conditions come first")
			assert.Equal(t, []string{tag}, known.Header.Values("ETag"))
			beyond := h.Get("/a.bin", accepting(coding), apptest.Header("Range", "bytes=90-"))
			assert.Equal(t, http.StatusRequestedRangeNotSatisfiable, beyond.StatusCode)
		}
	})
}

// TestManyAskWhileAContentIsReplaced: each gets one of the versions, whole.
func TestManyAskWhileAContentIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		place := t.TempDir()
		dist, archive := filepath.Join(place, "dist"), filepath.Join(place, "files.zip")
		build := func(version string) {
			write(t, filepath.Join(place, "new", "a.txt"), version)
			require.NoError(t, os.RemoveAll(dist))
			require.NoError(t, os.Rename(filepath.Join(place, "new"), dist))
			write(t, archive+".new", zipped(t, zipHeaders("a.txt"), tree{"a.txt": version}))
			require.NoError(t, os.Rename(archive+".new", archive))
		}
		build("0")
		var assets static.Assets
		h := host(t, func(r *routing.Route) {
			static.Files(r, "/files", dist, func(c *static.Config) { c.Assets = &assets })
			static.Zip(r, "/zip", archive, func(c *static.Config) { c.HashETags = true })
		})
		var asking sync.WaitGroup
		for range 4 {
			asking.Go(func() {
				for range 20 {
					for _, path := range []string{"/files/a.txt", "/zip/a.txt"} {
						response := h.Get(path)
						text := apptest.Text(t, response)
						assert.True(t, response.StatusCode == http.StatusOK && len(text) == 1 || response.StatusCode == http.StatusNotFound, text)
					}
					time.Sleep(300 * time.Millisecond)
				}
			})
		}
		for version := range 6 {
			time.Sleep(time.Second)
			build(strconv.Itoa(version))
		}
		asking.Wait()
		time.Sleep(time.Second)
		assertBody(t, h, "/files/a.txt", "5")
		assertBody(t, h, "/zip/a.txt", "5")
		url, err := assets.URL("a.txt")
		require.NoError(t, err)
		assert.Equal(t, immutable, assertBody(t, h, url, "5").Header.Get("Cache-Control"))
	})
}
