package cachingheaders_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/cachingheaders"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/statuspages"
)

func TestConforms(t *testing.T) {
	plugintest.Conform(t, saying(maxAge{Age: time.Minute}), plugintest.Scoped(), plugintest.Adds("Cache-Control"))
}

// What a response says of itself stands, and an error is never kept.
func TestWhatIsSaid(t *testing.T) {
	status := func(status int) app.Handler { return func(c *app.Call) error { return c.RespondStatus(status) } }
	own := func(c *app.Call) error {
		c.Header().Set("Cache-Control", "private")
		return c.RespondText("test")
	}
	hour := maxAge{Age: time.Hour, Visibility: public}
	for name, test := range map[string]struct {
		handler app.Handler
		plugin  app.Installable
		want    string
	}{
		"a success":                   {status(200), saying(hour), "max-age=3600, public"},
		"a redirect":                  {status(301), saying(hour), "max-age=3600, public"},
		"not modified":                {status(304), saying(hour), "max-age=3600, public"},
		"its own header":              {own, saying(hour), "private"},
		"not found":                   {status(404), saying(hour, cachingheaders.Directive("immutable")), ""},
		"an error":                    {func(*app.Call) error { return app.NewError(500, "no") }, saying(hour), ""},
		"an error that is not stored": {status(500), saying(hour, noStore{public}), "no-store"},
		"an error that is private":    {status(403), saying(hour, noCache{private}), "no-cache, private"},
		"an error of what is private": {status(404), saying(maxAge{Age: time.Hour, Visibility: private}), "private"},
		"a handler that fails later": {func(c *app.Call) error {
			cachingheaders.Set(c, cachingheaders.CachingOptions{CacheControl: hour})
			return app.NewError(500, "no")
		}, saying(), ""},
		"nothing":                        {status(200), saying(nil, cachingheaders.Directive("")), ""},
		"an age below a second":          {status(200), saying(maxAge{Age: 999 * time.Millisecond}), "max-age=0"},
		"no time at all":                 {status(200), saying(maxAge{Age: -time.Hour, SharedAge: -1}), "max-age=0, s-maxage=0"},
		"an event stream of plugins/sse": {func(c *app.Call) error { return sse.Respond(c, func(*sse.Session) error { return nil }) }, saying(hour), "no-store, no-transform"},
		"an event stream by hand": {func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/event-stream")
			_, err := c.Writer().Write([]byte("data: x\n\n"))
			return err
		}, saying(hour), ""},
	} {
		got := serve(t, test.handler, sse.Plugin, test.plugin).Get("/")
		assert.Equal(t, test.want, got.Header.Get("Cache-Control"), name)
		assert.LessOrEqual(t, len(got.Header["Cache-Control"]), 1, name)
	}
}

func TestExpires(t *testing.T) {
	future := time.Now().Add(time.Hour)
	past := time.Unix(1e9, 0)
	for name, test := range map[string]struct {
		expires []time.Time
		status  int
		want    string
	}{
		"the first date":          {[]time.Time{{}, future, past}, 200, future.UTC().Format(http.TimeFormat)},
		"none":                    {[]time.Time{{}}, 200, ""},
		"of an error":             {[]time.Time{future}, 500, ""},
		"of an error, has passed": {[]time.Time{past}, 500, "Sun, 09 Sep 2001 01:46:40 GMT"},
	} {
		host := serve(t, func(c *app.Call) error { return c.RespondStatus(test.status) },
			cachingheaders.Plugin.With(func(c *cachingheaders.Config) {
				for _, expires := range test.expires {
					c.Options(func(*app.Call, *app.Outgoing) *cachingheaders.CachingOptions {
						return &cachingheaders.CachingOptions{Expires: expires}
					})
				}
			}))
		assert.Equal(t, test.want, host.Get("/").Header.Get("Expires"), name)
	}
	host := serve(t, func(c *app.Call) error {
		c.Header().Set("Expires", "0")
		cachingheaders.Set(c, cachingheaders.CachingOptions{Expires: future})
		return c.RespondText("test")
	}, cachingheaders.Plugin)
	assert.Equal(t, []string{"0"}, host.Get("/").Header["Expires"])
}

func TestSetReplacesWhatWasSet(t *testing.T) {
	host := serve(t, func(c *app.Call) error {
		assert.Empty(t, cachingheaders.Get(c))
		cachingheaders.Set(c, cachingheaders.CachingOptions{CacheControl: noStore{}})
		cachingheaders.Set(c, cachingheaders.CachingOptions{CacheControl: noCache{}})
		assert.Equal(t, []cachingheaders.CachingOptions{{CacheControl: noCache{}}}, cachingheaders.Get(c))
		return c.RespondText("test")
	}, cachingheaders.Plugin)
	assert.Equal(t, "no-cache", host.Get("/").Header.Get("Cache-Control"))
}

// A provider that goes by the type is asked before a 304 loses it; a page that
// takes the place of an error says nothing twice.
func TestTogetherWithOthers(t *testing.T) {
	byType := cachingheaders.Plugin.With(func(c *cachingheaders.Config) {
		c.Options(func(_ *app.Call, out *app.Outgoing) *cachingheaders.CachingOptions {
			if out.Header.Get("Content-Type") == "text/css" {
				return &cachingheaders.CachingOptions{CacheControl: maxAge{Age: time.Minute}}
			}
			return &cachingheaders.CachingOptions{CacheControl: noStore{}}
		})
	})
	others := []app.Installable{
		conditionalheaders.Plugin, statuspages.Plugin.With(func(c *statuspages.Config) {
			c.Status(404, func(c *app.Call, _ int) error { return c.RespondText("page") })
		}), defaultheaders.Plugin,
	}
	for name, plugins := range map[string][]app.Installable{
		"first": append([]app.Installable{byType}, others...), "last": append(others[:3:3], byType),
	} {
		host := serve(t, func(c *app.Call) error {
			if c.QueryParam("gone") != "" {
				return c.RespondStatus(404)
			}
			c.Header().Set("ETag", `"v1"`)
			c.Header().Set("Content-Type", "text/css")
			return c.RespondText("body {}")
		}, plugins...)
		for _, known := range []string{"", `"v1"`} {
			got := host.Get("/", apptest.Header("If-None-Match", known))
			assert.Equal(t, map[string]int{"": 200, `"v1"`: 304}[known], got.StatusCode, name)
			assert.Equal(t, []string{"max-age=60"}, got.Header["Cache-Control"], name)
		}
		got := host.Get("/?gone=1")
		assert.Equal(t, "page", apptest.Text(t, got), name)
		assert.Equal(t, []string{"no-store"}, got.Header["Cache-Control"], name)
	}
}

// A file that RespondFile finds unchanged is kept for as long as one that it
// sends, and one that is not there is not.
func TestFiles(t *testing.T) {
	files := fstest.MapFS{"a.css": {Data: []byte("body {}")}}
	host := serve(t, func(c *app.Call) error {
		c.Header().Set("ETag", `"v1"`)
		return c.RespondFile(files, c.QueryParam("name"))
	}, cachingheaders.Plugin.With(func(c *cachingheaders.Config) {
		c.Options(func(_ *app.Call, out *app.Outgoing) *cachingheaders.CachingOptions {
			if strings.HasPrefix(out.Header.Get("Content-Type"), "text/css") {
				return &cachingheaders.CachingOptions{CacheControl: maxAge{Age: time.Minute}}
			}
			return nil
		})
	}))
	for name, test := range map[string]struct {
		name, header, value string
		status              int
		want                string
	}{
		"sent":        {"a.css", "Accept", "*/*", 200, "max-age=60"},
		"a part":      {"a.css", "Range", "bytes=0-1", 206, "max-age=60"},
		"several":     {"a.css", "Range", "bytes=0-0,2-2", 206, "max-age=60"},
		"unchanged":   {"a.css", "If-None-Match", `"v1"`, 304, "max-age=60"},
		"no such":     {"a.css", "Range", "bytes=99-", 416, ""},
		"not there":   {"b.css", "Accept", "*/*", 404, ""},
		"a condition": {"a.css", "If-Match", `"v0"`, 412, ""},
	} {
		got := host.Get("/?name="+test.name, apptest.Header(test.header, test.value))
		assert.Equal(t, test.status, got.StatusCode, name)
		assert.Equal(t, test.want, got.Header.Get("Cache-Control"), name)
	}
}

// A file is asked about once: of its 304 a provider knows neither type nor
// status, and what it would say of that is not what it says of the file.
func TestAFileIsAskedAboutOnce(t *testing.T) {
	files := fstest.MapFS{"a.css": {Data: []byte("body {}")}}
	asked := 0
	host := serve(t, func(c *app.Call) error {
		c.Header().Set("ETag", `"v1"`)
		return c.RespondFile(files, "a.css")
	}, cachingheaders.Plugin.With(func(c *cachingheaders.Config) {
		c.Options(func(_ *app.Call, out *app.Outgoing) *cachingheaders.CachingOptions {
			asked++
			if strings.HasPrefix(out.Header.Get("Content-Type"), "text/css") {
				return nil
			}
			return &cachingheaders.CachingOptions{CacheControl: noStore{}}
		})
	}))
	for i, status := range []int{200, 304, 206} {
		value := [...]string{"", `"v1"`, `"v0"`}[i]
		ranges := map[int]string{206: "bytes=0-1"}[status]
		got := host.Get("/", apptest.Header("If-None-Match", value), apptest.Header("Range", ranges))
		assert.Equal(t, status, got.StatusCode)
		assert.Empty(t, got.Header.Values("Cache-Control"), status)
		assert.Equal(t, i+1, asked)
	}
	got := host.Get("/", apptest.Header("Range", "bytes=99-"))
	assert.Equal(t, http.StatusRequestedRangeNotSatisfiable, got.StatusCode)
	assert.Equal(t, "no-store", got.Header.Get("Cache-Control"), "an error is another response")
}

func TestMistakes(t *testing.T) {
	err := apptest.StartError(t, func(a *app.Application) {
		a.Install(cachingheaders.Plugin.With(func(c *cachingheaders.Config) { c.Options(nil) }))
	})
	require.ErrorContains(t, err, "install CachingHeaders: the function for Options is nil")
}
