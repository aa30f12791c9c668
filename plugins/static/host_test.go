package static_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// tree is a tree of files: what they hold, by name.
type tree map[string]string

// noon is the time of the files of a test.
var noon = time.Date(2026, time.November, 30, 12, 0, 0, 0, time.UTC)

// public is the folder of that name of Ktor's tests.
var public = tree{
	"default.txt": "default", "file.txt": "file.txt", "index.html": "index", "index.html.br": "index.br", "index.html.gz": "index.gz",
	"has-fallback.secret.txt": "has-fallback.secret.txt", "has-fallback.txt": "has-fallback.txt", "ignore.txt": "ignore",
	"ignored/index.txt": "ignored", "nested/file-nested.txt": "file-nested.txt", "nested/file-nested.txt.br": "file-nested.txt.br",
	"nested/index.html": "nested index", "types/file.css": "", "types/file.js": "", "types/file.svg": "", "types/file.xml": "",
}

// verb declares a content of one tree of files at a path.
type verb func(r *routing.Route, path string, configure ...func(*static.Config)) *routing.Route

// overEach runs a test with the files in a directory, in a file system of the
// program and in an archive.
func overEach(t *testing.T, files tree, test func(t *testing.T, serve verb)) {
	t.Helper()
	t.Run("Files", func(t *testing.T) {
		directory := files.directory(t)
		test(t, func(r *routing.Route, path string, configure ...func(*static.Config)) *routing.Route {
			return static.Files(r, path, directory, configure...)
		})
	})
	t.Run("Resources", func(t *testing.T) {
		test(t, func(r *routing.Route, path string, configure ...func(*static.Config)) *routing.Route {
			return static.Resources(r, path, files.fs(), configure...)
		})
	})
	t.Run("Zip", func(t *testing.T) {
		archive := files.archive(t)
		test(t, func(r *routing.Route, path string, configure ...func(*static.Config)) *routing.Route {
			return static.Zip(r, path, archive, configure...)
		})
	})
}

// directory writes the files into a directory.
func (files tree) directory(t testing.TB) string {
	t.Helper()
	directory := t.TempDir()
	for name, content := range files {
		write(t, filepath.Join(directory, filepath.FromSlash(name)), content)
	}
	return directory
}

// write writes a file of noon.
func write(t testing.TB, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	require.NoError(t, os.Chtimes(path, noon, noon))
}

// fs returns the files as embedded ones are: without times.
func (files tree) fs() fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, content := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return fsys
}

// archive writes an archive of the files, of which those named .txt are
// compressed.
func (files tree) archive(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "files.zip")
	var entries []zip.FileHeader
	for _, name := range slices.Sorted(maps.Keys(files)) {
		method := zip.Store
		if filepath.Ext(name) == ".txt" {
			method = zip.Deflate
		}
		entries = append(entries, zip.FileHeader{Name: name, Method: method, Modified: noon})
	}
	write(t, path, zipped(t, entries, files))
	return path
}

// zipped returns an archive.
func zipped(t testing.TB, entries []zip.FileHeader, files tree) string {
	t.Helper()
	var data bytes.Buffer
	writer := zip.NewWriter(&data)
	for _, header := range entries {
		entry, err := writer.CreateHeader(&header)
		require.NoError(t, err)
		_, err = entry.Write([]byte(files[header.Name]))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	return data.String()
}

// zipHeaders are those of compressed entries.
func zipHeaders(names ...string) []zip.FileHeader {
	var headers []zip.FileHeader
	for _, name := range names {
		headers = append(headers, zip.FileHeader{Name: name, Method: zip.Deflate, Modified: noon})
	}
	return headers
}

// host starts an application with routes.
func host(t testing.TB, declare func(r *routing.Route), modules ...app.Module) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		for _, module := range modules {
			module(a)
		}
		routing.Routes(a, declare)
	})
}

// assertBody asserts that a path has a body and 200, and returns the response.
func assertBody(t *testing.T, h *apptest.Host, path, want string, options ...apptest.RequestOption) *http.Response {
	t.Helper()
	response := h.Get(path, options...)
	assert.Equal(t, http.StatusOK, response.StatusCode, path)
	assert.Equal(t, want, apptest.Text(t, response), path)
	return response
}

// assertStatus asserts that a path has a status.
func assertStatus(t *testing.T, h *apptest.Host, path string, want int) *http.Response {
	t.Helper()
	response := h.Get(path)
	assert.Equal(t, want, response.StatusCode, path)
	return response
}

func accepting(codings string) apptest.RequestOption {
	return apptest.Header("Accept-Encoding", codings)
}

// readAll reads a body as far as it comes.
func readAll(response *http.Response) (string, error) {
	data, err := io.ReadAll(response.Body)
	return string(data), errors.Join(err, response.Body.Close())
}
