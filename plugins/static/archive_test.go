package static_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
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

// pack writes an archive whose entries hold their own names.
func pack(t testing.TB, path string, entries ...zip.FileHeader) {
	t.Helper()
	files := tree{}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name, "/") {
			files[entry.Name] = entry.Name
		}
	}
	write(t, path, zipped(t, entries, files))
}

// TestWhatAnArchiveMustNotHold is left out, and told at Start.
func TestWhatAnArchiveMustNotHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "files.zip")
	link := zip.FileHeader{Name: "link"}
	link.SetMode(fs.ModeSymlink | 0o777)
	pack(t, path, zip.FileHeader{Name: "good.txt"}, zip.FileHeader{Name: "../out.txt"}, zip.FileHeader{Name: "a/../../out.txt"},
		zip.FileHeader{Name: "/etc/passwd"}, zip.FileHeader{Name: `..\out.txt`}, zip.FileHeader{Name: `a\b.txt`}, zip.FileHeader{Name: "C:/x"},
		zip.FileHeader{Name: "a//b.txt"}, zip.FileHeader{Name: "./c.txt"}, zip.FileHeader{Name: "\xff.txt"}, zip.FileHeader{Name: ".env"}, link,
		zip.FileHeader{Name: "sub/deep/d.txt"}, zip.FileHeader{Name: "empty/"})
	h := host(t, func(r *routing.Route) { static.Zip(r, "/", path) })
	assertBody(t, h, "/good.txt", "good.txt")
	assertBody(t, h, "/sub/deep/d.txt", "sub/deep/d.txt")
	assertBody(t, h, "/C:/x", "C:/x")
	for _, path := range []string{
		"/out.txt", "/../out.txt", "/%2e%2e/out.txt", "/etc/passwd", "//etc/passwd", "/a/b.txt", "/a%5cb.txt", "/c.txt", "/.env", "/link", "/%ff.txt", "/sub",
		"/empty", "/empty/", "/sub/deep",
	} {
		assertStatus(t, h, path, http.StatusNotFound)
	}
	warned := h.Log().Find("entries that are not served")
	require.Len(t, warned, 1)
	assert.Contains(t, warned[0].String(), "entries=9")
}

func TestOfTwoEntriesTheLastIsServed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "files.zip")
	var data bytes.Buffer
	writer := zip.NewWriter(&data)
	for _, content := range []string{"first", "last"} {
		entry, err := writer.Create("a.txt")
		require.NoError(t, err)
		_, err = entry.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	write(t, path, data.String())
	h := host(t, func(r *routing.Route) { static.Zip(r, "/", path) })
	assertBody(t, h, "/a.txt", "last")
	assert.Len(t, h.Log().Find("entries that are not served"), 1)
}

// TestRangesOfAnArchive: an entry that is stored as it is has ranges, one that
// is compressed is sent whole.
func TestRangesOfAnArchive(t *testing.T) {
	path := tree{"stored.bin": "0123456789", "packed.txt": "0123456789"}.archive(t)
	h := host(t, func(r *routing.Route) { static.Zip(r, "/", path) })
	part := h.Get("/stored.bin", apptest.Header("Range", "bytes=2-3"))
	assert.Equal(t, http.StatusPartialContent, part.StatusCode)
	assert.Equal(t, "23", apptest.Text(t, part))
	assert.Equal(t, "bytes 2-3/10", part.Header.Get("Content-Range"))
	whole := h.Get("/packed.txt", apptest.Header("Range", "bytes=2-3"))
	assert.Equal(t, http.StatusOK, whole.StatusCode)
	assert.Equal(t, "0123456789", apptest.Text(t, whole))
	assert.Empty(t, whole.Header.Get("Accept-Ranges"))
	assert.Equal(t, int64(10), h.Head("/packed.txt").ContentLength)
	for _, path := range []string{"/stored.bin", "/packed.txt"} {
		first := h.Get(path)
		assert.Equal(t, "Mon, 30 Nov 2026 12:00:00 GMT", first.Header.Get("Last-Modified"))
		again := h.Get(path, apptest.Header("If-None-Match", first.Header.Get("ETag")))
		assert.Equal(t, http.StatusNotModified, again.StatusCode)
	}
}

// TestAnArchiveWithoutTimes: the first year of the format is none.
func TestAnArchiveWithoutTimes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "files.zip")
	pack(t, path, zip.FileHeader{Name: "a.txt"}, zip.FileHeader{Name: "b.txt", Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
	h := host(t, func(r *routing.Route) { static.Zip(r, "/", path) })
	for _, path := range []string{"/a.txt", "/b.txt"} {
		response := h.Get(path)
		assert.Empty(t, response.Header.Get("Last-Modified"))
		assert.NotEmpty(t, response.Header.Get("ETag"))
	}
}

// TestAnArchiveThatLies: an entry is as long as it says, or the connection is
// cut.
func TestAnArchiveThatLies(t *testing.T) {
	long := strings.Repeat("0123456789", 10_000)
	for name, claimed := range map[string]uint32{"more than it says": 1000, "less than it says": 1_000_000} {
		t.Run(name, func(t *testing.T) {
			data := []byte(zipped(t, []zip.FileHeader{{Name: "a.txt", Method: zip.Deflate}}, tree{"a.txt": long}))
			central := bytes.LastIndex(data, []byte("PK\x01\x02"))
			binary.LittleEndian.PutUint32(data[central+24:], claimed)
			path := filepath.Join(t.TempDir(), "files.zip")
			write(t, path, string(data))
			h := host(t, func(r *routing.Route) { static.Zip(r, "/", path) })
			response := h.Get("/a.txt")
			require.Equal(t, int64(claimed), response.ContentLength)
			body, err := readAll(response)
			if err == nil {
				assert.Len(t, body, int(claimed), "no byte more")
			} else {
				assert.Less(t, len(body), int(claimed))
			}
		})
	}
}

// TestABombIsSentPieceByPiece: nobody holds what an entry unpacks to.
func TestABombIsSentPieceByPiece(t *testing.T) {
	const size = 64 << 20
	path := filepath.Join(t.TempDir(), "files.zip")
	write(t, path, zipped(t, []zip.FileHeader{{Name: "zeros.txt", Method: zip.Deflate}}, tree{"zeros.txt": string(make([]byte, size))}))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(size/500))
	h := host(t, func(r *routing.Route) { static.Zip(r, "/", path) })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	response := h.Get("/zeros.txt")
	sent, err := io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	assert.Equal(t, int64(size), sent)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size/4))
}

func TestAnArchiveIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "dynamic.zip")
		pack(t, path, zip.FileHeader{Name: "first.txt"})
		h := host(t, func(r *routing.Route) { static.Zip(r, "static", path) })
		assertBody(t, h, "/static/first.txt", "first.txt")

		require.NoError(t, os.Remove(path))
		time.Sleep(time.Second)
		assertBody(t, h, "/static/first.txt", "first.txt")

		pack(t, path, zip.FileHeader{Name: "second.txt"})
		time.Sleep(time.Second)
		assertBody(t, h, "/static/second.txt", "second.txt")
		assertStatus(t, h, "/static/first.txt", http.StatusNotFound)

		require.NoError(t, os.WriteFile(path, []byte("no archive"), 0o600))
		for range 3 {
			time.Sleep(time.Second)
			_ = h.Get("/static/second.txt")
		}
		assert.Len(t, h.Log().Find("cannot be read"), 1, "told once for each change")
	})
}

// TestAnArchiveStaysOpenForWhoReadsIt, also when another one has taken its
// place.
func TestAnArchiveStaysOpenForWhoReadsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "dynamic.zip")
		long := strings.Repeat("0123456789abcdef", 20_000)
		header := []zip.FileHeader{{Name: "a.txt", Method: zip.Deflate}}
		write(t, path, zipped(t, header, tree{"a.txt": long}))
		replaced := false
		var h *apptest.Host
		h = host(t, func(r *routing.Route) {
			static.Zip(r, "/", path, func(c *static.Config) {
				c.Modify = func(*app.Call, static.File) error {
					if !replaced {
						replaced = true
						write(t, path+".new", zipped(t, header, tree{"a.txt": "new"}))
						require.NoError(t, os.Rename(path+".new", path))
						time.Sleep(time.Second)
						assertBody(t, h, "/a.txt", "new")
					}
					return nil
				}
			})
		})
		body := apptest.Text(t, h.Get("/a.txt"))
		same := body == long // too long to print
		assert.True(t, same, "all of the old one")
		assertBody(t, h, "/a.txt", "new")
	})
}
