package app_test

import (
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// flatFS has files that do not seek, as those of an archive.
type flatFS struct{ fs.FS }

func (f flatFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	return struct{ fs.File }{file}, err
}

// brokenFS has files whose Read panics.
type brokenFS struct{ fs.FS }

func (f brokenFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	return brokenFile{file, file.(io.Seeker)}, err
}

type brokenFile struct {
	fs.File
	io.Seeker
}

func (brokenFile) Read([]byte) (int, error) { panic("out of order") }

// TestAFileAnswersConditionsAndRanges: conditions come before ranges (RFC 9110
// section 13.2.2), and only a 200 to GET has ranges.
func TestAFileAnswersConditionsAndRanges(t *testing.T) {
	t.Parallel()
	const (
		modified = "Sun, 09 Sep 2001 01:46:40 GMT"
		earlier  = "Sun, 09 Sep 2001 01:46:39 GMT"
		bytes    = "bytes"
	)
	files := fstest.MapFS{
		"a.txt": {Data: []byte("0123456789"), ModTime: time.Unix(1e9, 0)},
		"empty": {ModTime: time.Unix(1e9, 0)},
		"b.txt": {Data: []byte("0123456789")}, // as embedded ones, without a time
	}
	respond := func(fsys fs.FS, name string, headers ...string) app.Handler {
		return func(c *app.Call) error {
			for i := 0; i < len(headers); i += 2 {
				c.Header().Set(headers[i], headers[i+1])
			}
			return c.RespondFile(fsys, name)
		}
	}
	plain := respond(files, "a.txt")
	tagged := respond(files, "a.txt", "ETag", `"v1"`)
	for name, test := range map[string]struct {
		handler  app.Handler
		method   string // GET if empty
		header   string // of the request, as "Name: value", split at |
		status   int
		body     string
		accepts  string
		received string // Content-Range
	}{
		"no condition":                   {handler: plain, status: 200, body: "0123456789", accepts: bytes},
		"range":                          {handler: plain, header: "Range: bytes=2-3", status: 206, body: "23", accepts: bytes, received: "bytes 2-3/10"},
		"the last bytes":                 {handler: plain, header: "Range: bytes=-3", status: 206, body: "789", accepts: bytes, received: "bytes 7-9/10"},
		"from a byte on":                 {handler: plain, header: "Range: bytes=7-", status: 206, body: "789", accepts: bytes, received: "bytes 7-9/10"},
		"beyond the end":                 {handler: plain, header: "Range: bytes=10-", status: 416, body: "invalid range: failed to overlap\n", received: "bytes */10"},
		"no range":                       {handler: plain, header: "Range: bytes=a", status: 416, body: "invalid range\n"},
		"empty file":                     {handler: respond(files, "empty"), header: "Range: bytes=0-1", status: 200, accepts: bytes},
		"without a time":                 {handler: respond(files, "b.txt"), header: "Range: bytes=2-3|If-Modified-Since: " + modified, status: 206, body: "23", accepts: bytes, received: "bytes 2-3/10"},
		"not modified":                   {handler: plain, header: "If-Modified-Since: " + modified, status: 304},
		"modified":                       {handler: plain, header: "If-Modified-Since: " + earlier, status: 200, body: "0123456789", accepts: bytes},
		"not modified, and a range":      {handler: plain, header: "If-Modified-Since: " + modified + "|Range: bytes=2-3", status: 304},
		"known by its tag":               {handler: tagged, header: `If-None-Match: "v1"|Range: bytes=2-3`, status: 304},
		"known by another tag":           {handler: tagged, header: `If-None-Match: "v0"|If-Modified-Since: ` + modified, status: 200, body: "0123456789", accepts: bytes},
		"precondition failed":            {handler: tagged, header: `If-Match: "v0"|Range: bytes=2-3`, status: 412},
		"unmodified since":               {handler: plain, header: "If-Unmodified-Since: " + earlier, status: 412},
		"If-Range by time":               {handler: plain, header: "Range: bytes=2-3|If-Range: " + modified, status: 206, body: "23", accepts: bytes, received: "bytes 2-3/10"},
		"If-Range of another time":       {handler: plain, header: "Range: bytes=2-3|If-Range: " + earlier, status: 200, body: "0123456789", accepts: bytes},
		"If-Range by tag":                {handler: tagged, header: `Range: bytes=2-3|If-Range: "v1"`, status: 206, body: "23", accepts: bytes, received: "bytes 2-3/10"},
		"If-Range by a weak tag":         {handler: respond(files, "a.txt", "ETag", `W/"v1"`), header: `Range: bytes=2-3|If-Range: W/"v1"`, status: 200, body: "0123456789", accepts: bytes},
		"HEAD":                           {handler: plain, method: "HEAD", header: "Range: bytes=2-3", status: 200, accepts: bytes},
		"HEAD, not modified":             {handler: plain, method: "HEAD", header: "If-Modified-Since: " + modified, status: 304},
		"POST":                           {handler: plain, method: "POST", header: "Range: bytes=2-3|If-None-Match: *", status: 200, body: "0123456789"},
		"status set":                     {handler: func(c *app.Call) error { c.SetStatus(404); return plain(c) }, header: "Range: bytes=2-3|If-Modified-Since: " + modified, status: 404, body: "0123456789"},
		"does not seek":                  {handler: respond(flatFS{files}, "a.txt"), header: "Range: bytes=2-3", status: 200, body: "0123456789"},
		"does not seek, not modified":    {handler: respond(flatFS{files}, "a.txt"), header: "If-Modified-Since: " + modified, status: 304},
		"does not seek, HEAD":            {handler: respond(flatFS{files}, "a.txt"), method: "HEAD", status: 200},
		"encoded":                        {handler: respond(files, "a.txt", "Content-Encoding", "br"), header: "Range: bytes=2-3", status: 200, body: "0123456789"},
		"encoded, with a tag of its own": {handler: respond(files, "a.txt", "Content-Encoding", "br", "ETag", `"v1-br"`), header: "Range: bytes=2-3", status: 206, body: "23", accepts: bytes, received: "bytes 2-3/10"},
		"encoded, HEAD":                  {handler: respond(files, "a.txt", "Content-Encoding", "br", "ETag", `"v1-br"`), method: "HEAD", status: 200, accepts: bytes},
		"declared length":                {handler: respond(files, "a.txt", "Content-Length", "3"), header: "If-Unmodified-Since: " + earlier, status: 412},
	} {
		for wrapped, module := range map[string]app.Module{"": using(), ", wrapped": using(wrappingWriter), ", forked": using(opaque)} {
			t.Run(name+wrapped, func(t *testing.T) {
				t.Parallel()
				logs := &logbook{}
				method := test.method
				if method == "" {
					method = http.MethodGet
				}
				r := httptest.NewRequest(method, "/", nil)
				for line := range strings.SplitSeq(test.header, "|") {
					if key, value, found := strings.Cut(line, ": "); found {
						r.Header.Set(key, value)
					}
				}
				response := do(t, start(t, logs.module, module, answering(test.handler)), r)
				assert.Equal(t, test.status, response.StatusCode)
				assert.Equal(t, test.body, body(t, response))
				assert.Equal(t, test.accepts, response.Header.Get("Accept-Ranges"))
				assert.Equal(t, test.received, response.Header.Get("Content-Range"))
				if test.accepts != "" && name != "without a time" {
					assert.Equal(t, modified, response.Header.Get("Last-Modified"))
				}
				if test.method == http.MethodHead && test.status == http.StatusOK {
					assert.Equal(t, "10", response.Header.Get("Content-Length"))
				}
				assert.Empty(t, logs.at(slog.LevelError))
			})
		}
	}
}

// TestAFileInSeveralRanges: they come in parts, read where a file that panics
// would end the process.
func TestAFileInSeveralRanges(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"a.txt": {Data: []byte("0123456789")}}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Range", "bytes=0-1,4-5")
	response := do(t, start(t, answering(func(c *app.Call) error { return c.RespondFile(files, "a.txt") })), r)
	require.Equal(t, http.StatusPartialContent, response.StatusCode)
	_, parameters, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	require.NoError(t, err)
	parts := multipart.NewReader(response.Body, parameters["boundary"])
	for _, want := range []string{"01", "45"} {
		part, err := parts.NextPart()
		require.NoError(t, err)
		data, err := io.ReadAll(part)
		require.NoError(t, err)
		assert.Equal(t, want, string(data))
	}

	broken := start(t, answering(func(c *app.Call) error { return c.RespondFile(brokenFS{files}, "a.txt") }))
	assert.Equal(t, http.StatusInternalServerError, do(t, broken, r).StatusCode, "nothing of it has left")
}

// TestAFileInTooManyRanges is sent whole: the heads of many small parts would
// be longer than the file.
func TestAFileInTooManyRanges(t *testing.T) {
	t.Parallel()
	data := strings.Repeat("0123456789", 1000)
	files := fstest.MapFS{"a.txt": {Data: []byte(data)}}
	for count, status := range map[int]int{2: 206, 200: 206, 201: 200, 9000: 200} {
		ranges := strings.TrimSuffix(strings.Repeat("0-0,", count), ",")
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Range", "bytes="+ranges)
		response := do(t, start(t, answering(func(c *app.Call) error { return c.RespondFile(files, "a.txt") })), r)
		assert.Equal(t, status, response.StatusCode, count)
		if status == http.StatusOK {
			assert.Equal(t, data, body(t, response))
		}
	}
}

// TestARefusedFileIsNotKept: what was said of the file is not said of 412 and
// 416, unless it forbids to keep them.
func TestARefusedFileIsNotKept(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"a.txt": {Data: []byte("0123456789"), ModTime: time.Unix(1e9, 0)}}
	future := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for request, status := range map[string]int{
		"If-Match: \"v0\"": 412, "Range: bytes=99-": 416, "Range: bytes=x": 416,
		"If-Modified-Since: " + future: 304, "Range: bytes=2-3": 206, "Accept: */*": 200,
	} {
		for _, said := range []string{"max-age=60", "no-store"} {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			key, value, _ := strings.Cut(request, ": ")
			r.Header.Set(key, value)
			response := do(t, start(t, answering(func(c *app.Call) error {
				c.Header().Set("Cache-Control", said)
				c.Header().Set("Expires", future)
				return c.RespondFile(files, "a.txt")
			})), r)
			assert.Equal(t, status, response.StatusCode, request)
			kept := status < 400
			assert.Equal(t, kept, response.Header.Get("Expires") != "", request)
			switch {
			case kept, said == "no-store" && status == 412:
				assert.Equal(t, said, response.Header.Get("Cache-Control"), request)
			default: // of 416 http.ServeContent has deleted it, too
				assert.Empty(t, response.Header.Get("Cache-Control"), request)
			}
		}
	}
}

// TestWhatDescribesAFileIsNotSaidOf412, which has no body: a client would take
// its nothing for a body in that coding.
func TestWhatDescribesAFileIsNotSaidOf412(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"a.txt": {Data: []byte("0123456789"), ModTime: time.Unix(1e9, 0)}}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		r := httptest.NewRequest(method, "/", nil)
		r.Header.Set("If-Match", `"v0"`)
		response := do(t, start(t, answering(func(c *app.Call) error {
			for name, value := range map[string]string{"ETag": `"v1"`, "Content-Encoding": "br", "Content-Disposition": app.Attachment("a.txt"), "Vary": "Accept-Encoding"} {
				c.Header().Set(name, value)
			}
			return c.RespondFile(files, "a.txt")
		})), r)
		assert.Equal(t, http.StatusPreconditionFailed, response.StatusCode)
		assert.Equal(t, "Accept-Encoding", response.Header.Get("Vary"))
		for _, name := range []string{"Content-Encoding", "Content-Type", "Content-Disposition", "ETag", "Last-Modified", "Accept-Ranges"} {
			assert.Empty(t, response.Header.Values(name), name)
		}
	}
}

// TestContentTypeOf: the same on every machine, whatever is installed there.
func TestContentTypeOf(t *testing.T) {
	t.Parallel()
	const unknown = "application/octet-stream"
	for name, want := range map[string]string{
		"index.html": "text/html; charset=utf-8", "INDEX.HTM": "text/html; charset=utf-8", "a/b.c/d.CSS": "text/css; charset=utf-8",
		"x.mjs": "text/javascript; charset=utf-8", "README.md": "text/markdown; charset=utf-8", "site.webmanifest": "application/manifest+json",
		"a.wasm": "application/wasm", "a.svg": "image/svg+xml", "a.woff2": "font/woff2", "a.tar.gz": "application/gzip", "a.json": "application/json",
		"": unknown, "upload": unknown, "s.upload": unknown, ".html": "text/html; charset=utf-8", "a.html/b": unknown, "a.": unknown, "a.html.": unknown,
	} {
		assert.Equal(t, want, app.ContentTypeOf(name), name)
		if want != unknown {
			_, _, err := mime.ParseMediaType(want)
			require.NoError(t, err)
		}
	}
}

// TestAnUploadIsNeverShownAsAPage: a file whose type nobody knows may hold
// HTML, and is not looked into.
func TestAnUploadIsNeverShownAsAPage(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	page := []byte("<html><script>alert(1)</script>" + strings.Repeat(" ", 1000))
	for _, name := range []string{"upload", "s.upload", "x.md"} {
		require.NoError(t, os.WriteFile(directory+"/"+name, page, 0o600))
		for how, fsys := range map[string]fs.FS{"system": os.DirFS(directory), "flat": flatFS{os.DirFS(directory)}} {
			for _, status := range []int{0, 404} {
				a := start(t, answering(func(c *app.Call) error { c.SetStatus(status); return c.RespondFile(fsys, name) }))
				assert.Equal(t, app.ContentTypeOf(name), get(t, a, "/").Header.Get("Content-Type"), how+name)
			}
		}
	}
}
