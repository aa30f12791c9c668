package partialcontent_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/plugins/cachingheaders"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/plugins/partialcontent"
	"github.com/chitor-go/chitor/routing"
)

// body is long enough to be compressed.
var body = strings.Repeat("0123456789", 500)

// orders are ways to install the plugins that look at one response.
func orders() map[string][]app.Installable {
	caching := cachingheaders.Plugin.With(func(c *cachingheaders.Config) {
		c.Options(func(_ *app.Call, out *app.Outgoing) *cachingheaders.CachingOptions {
			return &cachingheaders.CachingOptions{CacheControl: cachingheaders.NoCache{}}
		})
	})
	partial, conditional, encoding := partialcontent.Plugin, conditionalheaders.Plugin, compression.Plugin
	return map[string][]app.Installable{
		"no plugin":                  nil,
		"compression alone":          {encoding},
		"partial, conditional":       {partial, conditional},
		"conditional, partial":       {conditional, partial},
		"all, compression first":     {encoding, partial, conditional, caching},
		"all, compression last":      {caching, conditional, partial, encoding},
		"all, conditions in between": {partial, caching, conditional, encoding},
		"partial alone, compression": {partial, encoding},
	}
}

// want is what a request is answered with.
type want struct {
	status       int
	body         string // of GET, decoded
	contentRange string
	encoded      bool // if compression is there
}

// A file by RespondFile, and by a mounted or adapted http.FileServerFS, of a
// directory or in memory, is the same with every set of plugins, over both
// protocols: conditions come before ranges, and ranges are of plain bytes.
func TestFilesWithEveryPlugin(t *testing.T) {
	directory := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(directory, "a.txt"), []byte(body), 0o600))
	require.NoError(t, os.Chtimes(filepath.Join(directory, "a.txt"), modified, modified))
	memory := fstest.MapFS{"a.txt": {Data: []byte(body), ModTime: modified}}
	tagged := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"v1"`)
			next.ServeHTTP(w, r)
		})
	}
	respond := func(files fs.FS) app.Handler {
		return func(c *app.Call) error {
			c.Header().Set("ETag", `"v1"`)
			return c.RespondFile(files, "a.txt")
		}
	}
	requests := map[string]want{
		"":                                                 {200, body, "", true},
		"Range: bytes=2-4":                                 {206, "234", "bytes 2-4/5000", false},
		"Range: bytes=-2":                                  {206, "89", "bytes 4998-4999/5000", false},
		"Range: bytes=5000-":                               {416, "invalid range: failed to overlap\n", "bytes */5000", false},
		`If-None-Match: "v1"`:                              {304, "", "", false},
		`If-None-Match: W/"v1"`:                            {304, "", "", false},
		`If-None-Match: *`:                                 {304, "", "", false},
		`If-None-Match: "v0"`:                              {200, body, "", true},
		`If-Match: "v1"`:                                   {200, body, "", true},
		`If-Match: "v0"`:                                   {412, "", "", false},
		"If-Modified-Since: NOW":                           {304, "", "", false},
		"If-Modified-Since: YORE":                          {200, body, "", true},
		"If-Unmodified-Since: YORE":                        {412, "", "", false},
		`Range: bytes=2-4|If-None-Match: "v1"`:             {304, "", "", false},
		`Range: bytes=5000-|If-None-Match: "v1"`:           {304, "", "", false},
		`Range: bytes=5000-|If-None-Match: W/"v1"`:         {304, "", "", false},
		`Range: bytes=5000-|If-Match: "v0"`:                {412, "", "", false},
		`Range: bytes=2-4|If-Range: "v1"`:                  {206, "234", "bytes 2-4/5000", false},
		`Range: bytes=2-4|If-Range: W/"v1"`:                {200, body, "", false},
		`Range: bytes=2-4|If-Range: "v0"`:                  {200, body, "", false},
		"Range: bytes=2-4|If-Range: NOW":                   {206, "234", "bytes 2-4/5000", false},
		"Range: bytes=2-4|If-Range: YORE":                  {200, body, "", false},
		"Range: bytes=2-4|If-Modified-Since: NOW":          {304, "", "", false},
		"Range: bytes=5000-|If-Modified-Since: NOW":        {304, "", "", false},
		`Range: bytes=2-4|If-Unmodified-Since: YORE`:       {412, "", "", false},
		`If-None-Match: "v0"|If-Modified-Since: NOW`:       {200, body, "", true},
		`Range: bytes=2-4|If-None-Match: "v0"|If-Range: x`: {200, body, "", false},
	}
	for how, handler := range map[string]func(*routing.Route){
		"RespondFile": func(r *routing.Route) { r.Get("/a.txt", respond(os.DirFS(directory))) },
		"RespondFile, of the system": func(r *routing.Route) {
			r.Get("/a.txt", func(c *app.Call) error {
				c.Header().Set("ETag", `"v1"`)
				return c.RespondFile(nil, filepath.Join(directory, "a.txt"))
			})
		},
		"RespondFile, in memory":        func(r *routing.Route) { r.Get("/a.txt", respond(memory)) },
		"a mounted http.FileServerFS":   func(r *routing.Route) { r.Mount("/", tagged(http.FileServerFS(os.DirFS(directory)))) },
		"an http.FileServerFS, adapted": func(r *routing.Route) { r.Get("/a.txt", app.FromHTTP(tagged(http.FileServerFS(memory)))) },
	} {
		for order, plugins := range orders() {
			t.Run(how+", "+order, func(t *testing.T) {
				apptest.Run(t, func(t *testing.T, mode apptest.Option) {
					host := apptest.Start(t, func(a *app.Application) {
						a.Install(autoheadresponse.Plugin)
						for _, plugin := range plugins {
							a.Install(plugin)
						}
						routing.Routes(a, handler)
					}, mode)
					for request, want := range requests {
						options := header("Accept-Encoding", "gzip")
						for line := range strings.SplitSeq(strings.NewReplacer("NOW", dated(0), "YORE", dated(-1e9)).Replace(request), "|") {
							if key, value, found := strings.Cut(line, ": "); found {
								options = append(options, apptest.Header(key, value))
							}
						}
						check(t, request, host.Get("/a.txt", options...), want, has(plugins, "Compression"))
						if !strings.Contains(request, "Range: ") {
							checkHead(t, request, host.Head("/a.txt", options...), want)
						}
					}
				})
			})
		}
	}
}

func has(plugins []app.Installable, name string) bool {
	for _, plugin := range plugins {
		if plugin.Name() == name {
			return true
		}
	}
	return false
}

// check checks the response to GET.
func check(t *testing.T, request string, got *http.Response, want want, compressed bool) {
	t.Helper()
	require.Equal(t, want.status, got.StatusCode, request)
	assert.Equal(t, want.contentRange, got.Header.Get("Content-Range"), request)
	data, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	coding := got.Header.Get("Content-Encoding")
	if coding == "gzip" {
		reader, err := gzip.NewReader(bytes.NewReader(data))
		require.NoError(t, err, request)
		data, err = io.ReadAll(reader)
		require.NoError(t, err, request)
		assert.Equal(t, `W/"v1"`, got.Header.Get("ETag"), request)
		assert.Empty(t, got.Header.Get("Accept-Ranges"), request)
	}
	assert.Equal(t, want.body, string(data), request)
	if want.status < 400 && compressed { // RFC 9110 sections 15.3.7 and 15.4.5
		assert.Equal(t, []string{"Accept-Encoding"}, got.Header.Values("Vary"), request)
	}
	if want.status < 300 && (!strings.Contains(request, "Range") || want.status == 206) {
		assert.Equal(t, map[bool]string{true: "gzip", false: ""}[compressed && want.encoded], coding, request)
	}
	if want.status < 300 && coding == "" {
		assert.Equal(t, `"v1"`, got.Header.Get("ETag"), request)
		assert.Equal(t, "bytes", got.Header.Get("Accept-Ranges"), request)
	}
	if want.status == 304 {
		assert.Contains(t, []string{`"v1"`, `W/"v1"`}, got.Header.Get("ETag"), request)
	}
	if want.status == 416 {
		assert.Empty(t, got.Header.Get("ETag"), request)
	}
}

// checkHead checks that HEAD is told what GET is.
func checkHead(t *testing.T, request string, got *http.Response, want want) {
	t.Helper()
	assert.Equal(t, want.status, got.StatusCode, request)
	assert.Empty(t, apptest.Text(t, got), request)
	if want.status == 200 && got.Header.Get("Content-Encoding") == "" {
		assert.Equal(t, "5000", got.Header.Get("Content-Length"), request)
		assert.Equal(t, "bytes", got.Header.Get("Accept-Ranges"), request)
	}
}

// What is not a file, with a tag that a provider computes from the body.
func TestAnswersWithEveryPlugin(t *testing.T) {
	conditional := conditionalheaders.Plugin.With(func(c *conditionalheaders.Config) {
		c.Version(func(_ *app.Call, out *app.Outgoing) []conditionalheaders.Version {
			whole, known := out.Bytes()
			assert.True(t, known)
			assert.Len(t, whole, len(body), "the body is not a part of itself yet")
			return []conditionalheaders.Version{conditionalheaders.EntityTagVersion{Tag: "v1"}}
		})
	})
	caching := cachingheaders.Plugin.With(func(c *cachingheaders.Config) {
		c.Options(func(_ *app.Call, out *app.Outgoing) *cachingheaders.CachingOptions {
			assert.Equal(t, "text/plain; charset=UTF-8", out.Header.Get("Content-Type"), "the type is not that of several ranges yet")
			return &cachingheaders.CachingOptions{CacheControl: cachingheaders.NoCache{}}
		})
	})
	partial, encoding := partialcontent.Plugin, compression.Plugin
	for order, plugins := range map[string][]app.Installable{
		"1": {encoding, conditional, caching, partial}, "2": {partial, caching, conditional, encoding},
		"3": {partial, encoding, conditional, caching}, "4": {caching, partial, encoding, conditional},
	} {
		t.Run(order, func(t *testing.T) {
			host := serve(t, func(c *app.Call) error { return c.RespondText(body) }, plugins...)
			for request, want := range map[string]want{
				"":                                       {200, body, "", true},
				"Range: bytes=2-4":                       {206, "234", "bytes 2-4/5000", false},
				`Range: bytes=2-4|If-None-Match: "v1"`:   {304, "", "", false},
				`Range: bytes=5000-|If-None-Match: "v1"`: {304, "", "", false},
				`Range: bytes=5000-|If-Match: "v0"`:      {412, "", "", false},
				`Range: bytes=2-4|If-Match: "v1"`:        {206, "234", "bytes 2-4/5000", false},
				`Range: bytes=2-4|If-Range: "v1"`:        {206, "234", "bytes 2-4/5000", false},
				`Range: bytes=2-4|If-Range: "v0"`:        {200, body, "", false},
				`If-None-Match: W/"v1"`:                  {304, "", "", false},
			} {
				options := header("Accept-Encoding", "gzip")
				for line := range strings.SplitSeq(request, "|") {
					if key, value, found := strings.Cut(line, ": "); found {
						options = append(options, apptest.Header(key, value))
					}
				}
				check(t, request, host.Get("/", options...), want, true)
			}
			parts := partsOf(t, host.Get("/", header("Range", "bytes=0-1,4-5")...), "text/plain; charset=UTF-8")
			assert.Equal(t, []string{"bytes 0-1/5000: 01", "bytes 4-5/5000: 45"}, parts)
		})
	}
}

// Without the plugin for conditions nobody answers them, and a range of what
// they do not fit is not sent either.
func TestConditionsWithoutTheirPlugin(t *testing.T) {
	host := serve(t, func(c *app.Call) error {
		c.Header().Set("ETag", `"v1"`)
		return c.RespondText(body)
	}, partialcontent.Plugin)
	expect(t, host.Get("/", header("Range", "bytes=2-4", "If-Match", `"v0"`)...), 200, "", body)
	expect(t, host.Get("/", header("Range", "bytes=5000-", "If-None-Match", `"v1"`)...), 200, "", body)
	expect(t, host.Get("/", header("Range", "bytes=2-4", "If-Match", `"v1"`)...), 206, "bytes 2-4/5000", "234")
}
