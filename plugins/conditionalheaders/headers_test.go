package conditionalheaders_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// What leaves, byte for byte.
func TestWire(t *testing.T) {
	for name, test := range map[string]struct{ request, want string }{
		"200": {"", "HTTP/1.1 200 OK\r\nEtag: \"v1\"\r\nLast-Modified: Fri, 04 Mar 2022 09:52:07 GMT\r\nVary: Origin\r\n" +
			"Cache-Control: max-age=60\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: 8\r\n\r\nresponse"},
		"304": {"If-None-Match: \"v1\"\r\n", "HTTP/1.1 304 Not Modified\r\nEtag: \"v1\"\r\nVary: Origin\r\nCache-Control: max-age=60\r\n\r\n"},
		"412": {"If-Match: \"v0\"\r\n", "HTTP/1.1 412 Precondition Failed\r\nVary: Origin\r\nContent-Length: 0\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			host := serve(t, func(c *app.Call) error {
				c.Header().Set("Vary", "Origin")
				c.Header().Set("Cache-Control", "max-age=60")
				return c.RespondText("response")
			}, of(tag{Tag: "v1"}, date{LastModified: now}))
			conn := host.Dial()
			_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"+test.request+"\r\n")
			require.NoError(t, err)
			head, body := plugintest.ReadHead(t, conn)
			wantHead, wantBody, _ := strings.Cut(test.want, "\r\n\r\n")
			assert.ElementsMatch(t, strings.Split(wantHead, "\r\n"), head)
			assert.Equal(t, wantBody, body)
		})
	}
}

// RFC 9110 section 13.2.2: tags come before dates, and what would keep a
// response from being wrong before what would save sending it.
func TestPrecedence(t *testing.T) {
	for name, test := range map[string]struct {
		header []string
		status int
	}{
		"If-Match is met, whatever the date":          {[]string{"If-Match", `"v1"`, "If-Unmodified-Since", days(-1)}, 200},
		"If-Match compares strongly":                  {[]string{"If-Match", `W/"v1"`}, 412},
		"If-Match fails, If-None-Match would save":    {[]string{"If-Match", `"v0"`, "If-None-Match", `"v1"`}, 412},
		"If-Match is met, If-None-Match is not":       {[]string{"If-Match", `"v1"`, "If-None-Match", `"v1"`}, 304},
		"If-None-Match is met, whatever the date":     {[]string{"If-None-Match", `"v0"`, "If-Modified-Since", days(1)}, 200},
		"If-None-Match of several lines":              {[]string{"If-None-Match", `"v0"`, "If-None-Match", `W/"v1"`}, 304},
		"If-None-Match is blank, the date counts":     {[]string{"If-None-Match", " ", "If-Modified-Since", days(1)}, 304},
		"a tag that only looks alike":                 {[]string{"If-None-Match", `"v1 "`}, 200},
		"a list that breaks":                          {[]string{"If-None-Match", `"v0" "v1"`}, 200},
		"a million tags":                              {[]string{"If-None-Match", strings.Repeat(`"a",`, 10_000) + `"v1"`}, 304},
		"a date before the year 0":                    {[]string{"If-Modified-Since", "Fri, 04 Mar -022 09:52:07 GMT"}, 200},
		"the obsolete formats of dates":               {[]string{"If-Modified-Since", "Friday, 04-Mar-22 09:52:07 GMT"}, 304},
		"If-Unmodified-Since, and If-None-Match is *": {[]string{"If-Unmodified-Since", days(0), "If-None-Match", "*"}, 304},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			got := serve(t, response, of(tag{Tag: "v1"}, date{LastModified: now})).Do(method, "/", nil, header(test.header...)...)
			assert.Equal(t, test.status, got.StatusCode, "%s %s", method, name)
		}
	}
}

// Nothing but a success of GET and HEAD is about a version.
func TestLeftAlone(t *testing.T) {
	known := header("If-None-Match", `"v1"`)
	for name, test := range map[string]struct {
		method  string
		handler app.Handler
		status  int
	}{
		"POST":      {"POST", response, 200},
		"PUT":       {"PUT", response, 200},
		"not found": {"GET", func(c *app.Call) error { return c.RespondStatus(404) }, 404},
		"error":     {"GET", func(*app.Call) error { return app.NewError(409, "no") }, 409},
		"redirect":  {"GET", func(c *app.Call) error { return c.RespondStatus(300) }, 300},
		"event stream": {"GET", func(c *app.Call) error {
			return sse.Respond(c, func(s *sse.Session) error { return s.SendText("x") })
		}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			got := serve(t, test.handler, sse.Plugin, of(tag{Tag: "v1"})).Do(test.method, "/", nil, known...)
			assert.Equal(t, test.status, got.StatusCode)
			assert.Empty(t, got.Header.Get("ETag"))
		})
	}
}

// A body of any kind becomes a 304 without a body, over both protocols.
func TestAnyBodyIsReplaced(t *testing.T) {
	long := strings.Repeat("response ", 10_000)
	for name, handler := range map[string]app.Handler{
		"text":    func(c *app.Call) error { return c.RespondText(long) },
		"bytes":   func(c *app.Call) error { return c.RespondBytes([]byte(long)) },
		"reader":  func(c *app.Call) error { return c.Respond(strings.NewReader(long)) },
		"writer":  func(c *app.Call) error { _, err := io.WriteString(c.Writer(), long); return err },
		"no body": func(c *app.Call) error { return c.RespondStatus(200) },
		"silence": app.FromHTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})),
		"declared": func(c *app.Call) error {
			c.Header().Set("Content-Length", "90000")
			_, err := io.WriteString(c.Writer(), long)
			return err
		},
		"file": func(c *app.Call) error {
			return c.RespondFile(fstest.MapFS{"a.txt": {Data: []byte(long)}}, "a.txt")
		},
	} {
		t.Run(name, func(t *testing.T) {
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				host := apptest.Start(t, func(a *app.Application) {
					a.Install(compression.Plugin)
					a.Install(of(tag{Tag: "v1"}))
					routing.Routes(a, func(r *routing.Route) { r.Get("/", handler) })
				}, mode)
				expect(t, host.Get("/", header("If-None-Match", `"v1"`, "Accept-Encoding", "gzip")...), 304, "")
				expect(t, host.Get("/", header("If-Match", `"v0"`)...), 412, "")
				assert.Equal(t, 200, host.Get("/", header("If-Match", `"v1"`)...).StatusCode)
			})
		})
	}
}

// The tag of a body that is encoded on its way is weak in the header, in any
// order of installation, and compares as if it were not.
func TestTagOfAnEncodedBodyIsWeak(t *testing.T) {
	tagged := func(c *app.Call) error {
		c.Header().Set("ETag", `"v1"`)
		return c.RespondText(strings.Repeat("response", 1000))
	}
	plain := func(c *app.Call) error { return c.RespondText(strings.Repeat("response", 1000)) }
	ours := of(tag{Tag: "v1"})
	for name, test := range map[string]struct {
		handler app.Handler
		plugins []app.Installable
	}{
		"by a provider":                   {plain, []app.Installable{compression.Plugin, ours}},
		"by a provider, installed before": {plain, []app.Installable{ours, compression.Plugin}},
		"by the handler":                  {tagged, []app.Installable{compression.Plugin, conditionalheaders.Plugin}},
		"by the handler, before":          {tagged, []app.Installable{conditionalheaders.Plugin, compression.Plugin}},
	} {
		t.Run(name, func(t *testing.T) {
			host := serve(t, test.handler, test.plugins...)
			for request, want := range map[string]struct {
				status int
				tag    string
			}{
				"":                       {200, `W/"v1"`},
				`If-None-Match: "v1"`:    {304, `W/"v1"`},
				`If-None-Match: W/"v1"`:  {304, `W/"v1"`},
				`If-Match: "v1"`:         {200, `W/"v1"`},
				`If-Match: "v0"`:         {412, ""},
				`Accept-Encoding: br`:    {200, `"v1"`},
				`If-None-Match: W/"any"`: {200, `W/"v1"`},
			} {
				options := header("Accept-Encoding", "gzip")
				if key, value, found := strings.Cut(request, ": "); key == "Accept-Encoding" {
					options = header(key, value)
				} else if found {
					options = append(options, apptest.Header(key, value))
				}
				got := host.Get("/", options...)
				assert.Equal(t, want.status, got.StatusCode, request)
				assert.Equal(t, want.tag, got.Header.Get("ETag"), request)
				if want.status != 412 {
					assert.Equal(t, "Accept-Encoding", got.Header.Get("Vary"), request)
				}
				if want.status == 304 {
					assert.Empty(t, got.Header.Get("Content-Encoding"))
				}
			}
		})
	}
}

// A page for 412 comes from StatusPages, and no cache is told to keep it.
func TestPreconditionFailedHasItsPage(t *testing.T) {
	host := serve(t, func(c *app.Call) error {
		c.Header().Set("Cache-Control", "public, max-age=3600")
		return c.RespondText("response")
	}, of(tag{Tag: "v1"}), statuspages.Plugin.With(func(c *statuspages.Config) {
		c.Status(412, func(c *app.Call, status int) error { return c.RespondText(fmt.Sprint("page ", status)) })
	}))
	got := host.Get("/", header("If-Match", `"v0"`)...)
	expect(t, got, 412, "page 412")
	assert.Empty(t, got.Header.Get("Cache-Control"))
	assert.Empty(t, got.Header.Get("ETag"))
}

// A provider is asked once, also for a file, whose body may be a part later.
func TestProvidersAreAskedOnce(t *testing.T) {
	files := fstest.MapFS{"a.txt": {Data: []byte("0123456789"), ModTime: now}}
	asked := 0
	host := serve(t, func(c *app.Call) error { return c.RespondFile(files, "a.txt") },
		conditionalheaders.Plugin.With(func(c *conditionalheaders.Config) {
			c.Version(func(_ *app.Call, out *app.Outgoing) []conditionalheaders.Version {
				asked++
				assert.Equal(t, "text/plain; charset=utf-8", out.Header.Get("Content-Type"))
				return []conditionalheaders.Version{nil, tag{Tag: `"v1"`}, tag{Tag: "v2"}}
			})
		}))
	for name, test := range map[string]struct {
		header []string
		status int
		body   string
	}{
		"a range":                             {[]string{"Range", "bytes=2-3"}, 206, "23"},
		"a range of this version":             {[]string{"Range", "bytes=2-3", "If-Range", `"v1"`}, 206, "23"},
		"a range of another version":          {[]string{"Range", "bytes=2-3", "If-Range", `"v0"`}, 200, "0123456789"},
		"known, and a range":                  {[]string{"Range", "bytes=2-3", "If-None-Match", `"v1"`}, 304, ""},
		"known, and a range behind the end":   {[]string{"Range", "bytes=20-", "If-None-Match", `"v1"`}, 304, ""},
		"another, and a range behind the end": {[]string{"Range", "bytes=20-", "If-None-Match", `"v0"`}, 416, "invalid range: failed to overlap\n"},
		"failed, and a range behind the end":  {[]string{"Range", "bytes=20-", "If-Match", `"v0"`}, 412, ""},
	} {
		asked = 0
		expect(t, host.Get("/", header(test.header...)...), test.status, test.body)
		assert.Equal(t, 1, asked, name)
	}
}

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		header   []string
		versions []conditionalheaders.Version
		status   int
	}{
		"no condition":                        {nil, []conditionalheaders.Version{tag{Tag: "v1"}}, 200},
		"the version that is there":           {[]string{"If-Match", `"v1"`}, []conditionalheaders.Version{tag{Tag: "v1"}}, 200},
		"another version":                     {[]string{"If-Match", `"v0"`}, []conditionalheaders.Version{tag{Tag: "v1"}}, 412},
		"any version":                         {[]string{"If-Match", "*"}, []conditionalheaders.Version{date{LastModified: now}}, 200},
		"any version, of nothing":             {[]string{"If-Match", "*"}, nil, 412},
		"a version of nothing":                {[]string{"If-Match", `"v1"`}, nil, 412},
		"only if there is nothing":            {[]string{"If-None-Match", "*"}, nil, 200},
		"only if there is nothing, but it is": {[]string{"If-None-Match", "*"}, []conditionalheaders.Version{tag{Tag: "v1"}}, 412},
		"not this version":                    {[]string{"If-None-Match", `"v1"`}, []conditionalheaders.Version{tag{Tag: "v1"}}, 412},
		"unmodified":                          {[]string{"If-Unmodified-Since", days(0)}, []conditionalheaders.Version{date{LastModified: now}}, 200},
		"modified":                            {[]string{"If-Unmodified-Since", days(-1)}, []conditionalheaders.Version{date{LastModified: now}}, 412},
		"If-Modified-Since is for GET":        {[]string{"If-Modified-Since", days(0)}, []conditionalheaders.Version{date{LastModified: now}}, 200},
		"a tag that is none":                  {nil, []conditionalheaders.Version{tag{Tag: "a b"}}, 500},
	} {
		changed := false
		got := serve(t, func(c *app.Call) error {
			if err := conditionalheaders.Check(c, test.versions...); err != nil {
				return err
			}
			changed = true
			return c.RespondStatus(200)
		}).Do(http.MethodPut, "/", nil, header(test.header...)...)
		assert.Equal(t, test.status, got.StatusCode, name)
		assert.Equal(t, test.status == 200, changed, name)
	}
}

func TestMistakes(t *testing.T) {
	err := apptest.StartError(t, func(a *app.Application) {
		a.Install(conditionalheaders.Plugin.With(func(c *conditionalheaders.Config) { c.Version(nil) }))
	})
	require.ErrorContains(t, err, "install ConditionalHeaders: the function for Version is nil")
}
