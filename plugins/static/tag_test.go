package static_test

import (
	"io/fs"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// replacedFS has another file from the second time on that it is opened.
type replacedFS struct {
	old, replaced fstest.MapFS
	opened        atomic.Int64
}

func (f *replacedFS) Open(name string) (fs.File, error) {
	if f.opened.Add(1) == 1 {
		return f.old.Open(name)
	}
	return f.replaced.Open(name)
}

// TestATagIsOfTheFileThatIsSent, also where another one takes its place before
// it is read for the tag: a client would keep the old file for the new one.
func TestATagIsOfTheFileThatIsSent(t *testing.T) {
	for name, later := range map[string]time.Time{"another time": noon.Add(time.Second), "another size": noon} {
		t.Run(name, func(t *testing.T) {
			renewed := "new"
			if later.Equal(noon) {
				renewed = "longer"
			}
			fsys := &replacedFS{
				old:      fstest.MapFS{"a.txt": {Data: []byte("old"), ModTime: noon}},
				replaced: fstest.MapFS{"a.txt": {Data: []byte(renewed), ModTime: later}},
			}
			h := host(t, func(r *routing.Route) {
				static.Resources(r, "/", fsys, func(c *static.Config) { c.HashETags = true })
			})
			first := assertBody(t, h, "/a.txt", "old").Header.Get("ETag")
			second := assertBody(t, h, "/a.txt", renewed, apptest.Header("If-None-Match", first)).Header.Get("ETag")
			assert.NotEqual(t, first, second)
			assert.Regexp(t, `^"[0-9a-f]{32}"$`, second)
		})
	}
}

// flakyFS fails when it is opened for the second time.
type flakyFS struct {
	fstest.MapFS
	opened atomic.Int64
}

func (f *flakyFS) Open(name string) (fs.File, error) {
	if f.opened.Add(1) == 2 {
		return nil, fs.ErrPermission
	}
	return f.MapFS.Open(name)
}

// TestATagThatCouldNotBeMadeIsTriedAgain: a failure is not remembered.
func TestATagThatCouldNotBeMadeIsTriedAgain(t *testing.T) {
	fsys := &flakyFS{MapFS: fstest.MapFS{"a.txt": {Data: []byte("a")}}}
	h := host(t, func(r *routing.Route) { static.Resources(r, "/", fsys) })
	assert.Empty(t, assertBody(t, h, "/a.txt", "a").Header.Get("ETag"))
	assert.NotEmpty(t, assertBody(t, h, "/a.txt", "a").Header.Get("ETag"))
}
