package compression_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

// TestAFileIsEncodedWholeOrSentInPart: a range is one of the bytes of the file,
// so a part is never encoded, and what is encoded promises no ranges.
func TestAFileIsEncodedWholeOrSentInPart(t *testing.T) {
	text := strings.Repeat("0123456789", 1000)
	files := fstest.MapFS{"a.txt": {Data: []byte(text), ModTime: time.Unix(1e9, 0)}}
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(compression.Plugin.With(func(c *compression.Config) { c.Gzip() }))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondFile(files, "a.txt") })
			r.Get("/tagged", func(c *app.Call) error {
				c.Header().Set("ETag", `"v1"`)
				return c.RespondFile(files, "a.txt")
			})
		})
	})
	gzip := apptest.Header("Accept-Encoding", "gzip")
	whole := host.Get("/tagged", gzip)
	assert.Equal(t, "gzip", whole.Header.Get("Content-Encoding"))
	assert.Empty(t, whole.Header.Get("Accept-Ranges"))
	assert.Equal(t, `W/"v1"`, whole.Header.Get("ETag"), "no part of it can be continued")
	assert.NotEmpty(t, whole.Header.Get("Last-Modified"))

	part := host.Get("/", gzip, apptest.Header("Range", "bytes=10-19"))
	require.Equal(t, http.StatusPartialContent, part.StatusCode)
	assert.Empty(t, part.Header.Get("Content-Encoding"))
	data, err := io.ReadAll(part.Body)
	require.NoError(t, err)
	assert.Equal(t, "0123456789", string(data))

	assert.Equal(t, http.StatusNotModified, host.Get("/tagged", gzip, apptest.Header("If-None-Match", `W/"v1"`)).StatusCode)
	continued := host.Get("/tagged", gzip, apptest.Header("Range", "bytes=10-19"), apptest.Header("If-Range", `W/"v1"`))
	assert.Equal(t, http.StatusOK, continued.StatusCode, "a weak tag continues nothing")
}
