package app_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// lyingFS has files that have another size than they say: they change while
// they are sent.
type lyingFS struct {
	fs.FS
	said int64
}

type lyingFile struct {
	fs.File
	said int64
}

type lyingInfo struct {
	fs.FileInfo
	said int64
}

func (i lyingInfo) Size() int64 { return i.said }
func (f lyingFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return lyingInfo{info, f.said}, err
}
func (f lyingFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	return lyingFile{file, f.said}, err
}

func TestFileThatChanges(t *testing.T) {
	directory := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(directory, "file.log"), []byte(strings.Repeat("x", 10_000)), 0o600))
	for name, said := range map[string]int64{"grows": 5_000, "shrinks": 20_000} {
		t.Run(name, func(t *testing.T) {
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				host := apptest.Start(t, answering(func(c *app.Call) error {
					return c.RespondFile(lyingFS{os.DirFS(directory), said}, "file.log")
				}), mode, apptest.Loopback())
				for range 2 {
					response := host.Get("/")
					data, err := io.ReadAll(response.Body)
					if name == "grows" {
						require.NoError(t, err)
						assert.Len(t, data, 5000)
					} else {
						require.Error(t, err)
					}
				}
			})
		})
	}
}
