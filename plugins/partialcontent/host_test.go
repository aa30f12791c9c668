package partialcontent_test

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/partialcontent"
	"github.com/chitor-go/chitor/routing"
)

// content is what the tests of Ktor send.
var content = strings.Repeat("test_string", 100)

// limit returns the plugin with a limit of ranges.
func limit(ranges int) app.Installable {
	return partialcontent.Plugin.With(func(c *partialcontent.Config) { c.MaxRangeCount = ranges })
}

// serve starts an application with plugins, and handler at the root.
func serve(t *testing.T, handler app.Handler, plugins ...app.Installable) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		for _, plugin := range plugins {
			a.Install(plugin)
		}
		routing.Routes(a, func(r *routing.Route) { r.Handle("/", handler) })
	})
}

// header returns options that add headers, given as name and value.
func header(pairs ...string) []apptest.RequestOption {
	var options []apptest.RequestOption
	for i := 0; i < len(pairs); i += 2 {
		options = append(options, apptest.Header(pairs[i], pairs[i+1]))
	}
	return options
}

// expect checks a response: its status, its Content-Range and its body, of the
// length that it declares.
func expect(t *testing.T, got *http.Response, status int, contentRange, body string) {
	t.Helper()
	assert.Equal(t, status, got.StatusCode)
	assert.Equal(t, contentRange, got.Header.Get("Content-Range"))
	declared := got.Header.Get("Content-Length")
	text := apptest.Text(t, got)
	assert.Equal(t, body, text)
	if got.StatusCode == http.StatusOK || got.StatusCode == http.StatusPartialContent {
		assert.Equal(t, strconv.Itoa(len(text)), declared)
	}
}

// partsOf returns the parts of a multipart response, as "Content-Range: body".
func partsOf(t *testing.T, got *http.Response, kind string) []string {
	t.Helper()
	require.Equal(t, http.StatusPartialContent, got.StatusCode)
	media, parameters, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/byteranges", media)
	text := apptest.Text(t, got)
	assert.Equal(t, strconv.Itoa(len(text)), got.Header.Get("Content-Length"))
	reader := multipart.NewReader(strings.NewReader(text), parameters["boundary"])
	var parts []string
	for {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			return parts
		}
		require.NoError(t, err)
		assert.Equal(t, kind, part.Header.Get("Content-Type"))
		data, err := io.ReadAll(part)
		require.NoError(t, err)
		parts = append(parts, part.Header.Get("Content-Range")+": "+string(data))
	}
}
