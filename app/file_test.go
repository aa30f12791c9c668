package app_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// TestFilesArriveWhole: every byte arrives over a real socket, where net/http
// sends a file without copying it.
func TestFilesArriveWhole(t *testing.T) {
	t.Parallel()
	var content bytes.Buffer
	for i := range 100_000 {
		fmt.Fprintln(&content, "line", i)
	}
	path := filepath.Join(t.TempDir(), "lines.txt")
	require.NoError(t, os.WriteFile(path, content.Bytes(), 0o600))
	ways := map[string]func(c *app.Call, file *os.File) error{
		"io.Copy":     func(c *app.Call, file *os.File) error { _, err := io.Copy(c.Writer(), file); return err },
		"Respond":     func(c *app.Call, file *os.File) error { return c.Respond(file) },
		"RespondFile": func(c *app.Call, file *os.File) error { return c.RespondFile(nil, file.Name()) },
		"http.ServeContent": func(c *app.Call, file *os.File) error {
			http.ServeContent(c.Writer(), c.Request, "lines.txt", time.Time{}, file)
			return nil
		},
		"after some bytes": func(c *app.Call, file *os.File) error {
			_, _ = io.CopyN(c.Writer(), file, 100)
			flush(c)
			_, err := io.Copy(c.Writer(), file)
			return err
		},
		"mounted": func(c *app.Call, file *os.File) error {
			return app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, file) }))(c)
		},
	}
	var seen journal
	for name, way := range ways {
		for modulesName, module := range map[string]app.Module{
			"directly":                     func(*app.Application) {},
			"through a middleware":         using(wrappingWriter),
			"through wraps":                wrapping(&seen, "a"),
			"through a forking middleware": using(timeout(time.Hour)),
		} {
			t.Run(name+", "+modulesName, func(t *testing.T) {
				t.Parallel()
				a := start(t, module, answering(func(c *app.Call) error {
					file, err := os.Open(path)
					require.NoError(t, err)
					defer file.Close()
					return way(c, file)
				}))
				server := httptest.NewServer(a)
				defer server.Close()
				response, err := server.Client().Get(server.URL)
				require.NoError(t, err)
				want := content.String()
				if modulesName == "through wraps" {
					want = "a(" + want + ")"
				}
				assert.Equal(t, "text/plain; charset=utf-8", response.Header.Get("Content-Type"))
				same := want == body(t, response) // a megabyte is nothing to print
				assert.True(t, same, "every byte, in order")
			})
		}
	}
}

// lyingFS has files that have another size than they say: they change while
// they are sent.
type lyingFS struct {
	fs.FS
	said int64
}

func (f lyingFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	return lyingFile{file, f.said}, err
}

type lyingFile struct {
	fs.File
	said int64
}

func (f lyingFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return lyingInfo{info, f.said}, err
}

type lyingInfo struct {
	fs.FileInfo
	said int64
}

func (i lyingInfo) Size() int64 { return i.said }

func TestFileThatChangesKeepsItsDeclaredLength(t *testing.T) {
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

// TestAnEncodedFileHasALength: http.ServeContent leaves it to whoever encodes,
// and what is stored in a coding nobody encodes.
func TestAnEncodedFileHasALength(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lines.txt.br")
	require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("line\n"), 100_000), 0o600))
	for _, tag := range []string{`"tag"`, ""} {
		for name, module := range map[string]app.Module{"directly": using(), "through a middleware": using(wrappingWriter)} {
			server := httptest.NewServer(start(t, module, answering(func(c *app.Call) error {
				c.Header().Set("Content-Encoding", "br")
				if tag != "" {
					c.Header().Set("ETag", tag)
				}
				return c.RespondFile(nil, path)
			})))
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				r, err := http.NewRequestWithContext(t.Context(), method, server.URL, nil)
				require.NoError(t, err)
				response, err := server.Client().Do(r)
				require.NoError(t, err)
				assert.Equal(t, int64(500_000), response.ContentLength, name+" "+method)
				sent := body(t, response)
				assert.Equal(t, method == http.MethodHead, sent == "", name)
			}
			server.Close()
		}
	}
}
