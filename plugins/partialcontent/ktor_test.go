package partialcontent_test

import (
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/plugins/cachingheaders"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/plugins/partialcontent"
	"github.com/chitor-go/chitor/routing"
)

// The tests of this file are those of Ktor's two PartialContentTest and of its
// ByteRangesChannelTest, under their names.

var modified = time.Date(2022, 3, 4, 9, 52, 7, 0, time.UTC)

func dated(after time.Duration) string { return modified.Add(after).Format(http.TimeFormat) }

// ranged starts the application of Ktor's tests.
func ranged(t *testing.T, plugin app.Installable) *apptest.Host {
	t.Helper()
	return serve(t, func(c *app.Call) error {
		c.Header().Set("ETag", `"etag-99"`)
		c.Header().Set("Last-Modified", dated(0))
		return respond(c)
	}, conditionalheaders.Plugin, cachingheaders.Plugin, plugin, autoheadresponse.Plugin)
}

// respond answers with a reader whose length is known.
func respond(c *app.Call) error {
	c.Header().Set("Content-Type", "application/octet-stream")
	c.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, err := io.Copy(c.Writer(), strings.NewReader(content))
	return err
}

func TestPartialContent(t *testing.T) {
	whole := len(content)
	for name, test := range map[string]struct {
		header       []string
		status       int
		contentRange string
		body         string
	}{
		"testSingleByteRange":             {[]string{"Range", "bytes=0-0"}, 206, "bytes 0-0/1100", content[:1]},
		"testTwoBytesRange":               {[]string{"Range", "bytes=1-2"}, 206, "bytes 1-2/1100", content[1:3]},
		"testUnsatisfiableTailRange":      {[]string{"Range", "bytes=-0"}, 416, "bytes */1100", ""},
		"testUnsatisfiableRange":          {[]string{"Range", "bytes=1000000-1000004"}, 416, "bytes */1100", ""},
		"testSyntacticallyIncorrectRange": {[]string{"Range", "bytes=1000000-7"}, 200, "", content},
		"testGoodAndBadTailRange":         {[]string{"Range", "bytes=0-0,-0"}, 206, "bytes 0-0/1100", content[:1]},
		"testGoodAndBadRange":             {[]string{"Range", "bytes=0-0,1000000-1000004"}, 206, "bytes 0-0/1100", content[:1]},
		"testBypassContentLength":         {nil, 200, "", content[:whole]},
		"testMultipleMergedRanges":        {[]string{"Range", "bytes=0-0,1-2"}, 206, "bytes 0-2/1100", content[:3]},
		"testDontCrashWithEmptyIfRange":   {[]string{"Range", "bytes=1-2", "If-Range", ""}, 206, "bytes 1-2/1100", content[1:3]},
		"testIfRangeETag":                 {[]string{"Range", "bytes=1-2", "If-Range", `"etag-99"`}, 206, "bytes 1-2/1100", content[1:3]},
		"testIfRangeETag, another":        {[]string{"Range", "bytes=1-2", "If-Range", `"wrong-etag-99"`}, 200, "", content},
		"testIfRangeDate":                 {[]string{"Range", "bytes=1-2", "If-Range", dated(0)}, 206, "bytes 1-2/1100", content[1:3]},
		// Different: 206 in Ktor. RFC 9110 section 13.1.5 wants the very same date.
		"testIfRangeDate, later":   {[]string{"Range", "bytes=1-2", "If-Range", dated(10 * time.Second)}, 200, "", content},
		"testIfRangeDate, earlier": {[]string{"Range", "bytes=1-2", "If-Range", dated(-100 * time.Second)}, 200, "", content},
		"testIfRangeWrongDate":     {[]string{"Range", "bytes=1-2", "If-Range", dated(0)[15:]}, 200, "", content},
	} {
		t.Run(name, func(t *testing.T) {
			got := ranged(t, partialcontent.Plugin).Get("/", header(test.header...)...)
			expect(t, got, test.status, test.contentRange, test.body)
			if test.status == 206 {
				assert.Equal(t, "application/octet-stream", got.Header.Get("Content-Type"))
				assert.Equal(t, dated(0), got.Header.Get("Last-Modified"))
			}
		})
	}
}

func TestPartialContent_testCustomMaxRangeCountNotAccepted(t *testing.T) {
	err := apptest.StartError(t, func(a *app.Application) { a.Install(limit(0)) })
	require.ErrorContains(t, err, "install PartialContent: MaxRangeCount is 0, and must be at least 1")
}

func TestPartialContent_testSubrouteInstall(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(autoheadresponse.Plugin)
		routing.Routes(a, func(r *routing.Route) { r.Get("/1", respond).Install(partialcontent.Plugin) })
	})
	got := host.Get("/1", header("Range", "bytes=1-2")...)
	expect(t, got, 206, "bytes 1-2/1100", content[1:3])
	assert.Equal(t, "application/octet-stream", got.Header.Get("Content-Type"))
}

func TestPartialContent_testCustomMaxRangeCountAcceptedRangeLimited(t *testing.T) {
	got := ranged(t, limit(2)).Get("/", header("Range", "bytes=0-0,2-2,4-4")...)
	expect(t, got, 206, "bytes 0-4/1100", content[:5])
	assert.Equal(t, dated(0), got.Header.Get("Last-Modified"))
}

func TestPartialContent_testCustomMaxRangeCountAcceptedRange(t *testing.T) {
	got := ranged(t, limit(2)).Get("/", header("Range", "bytes=0-0,2-2")...)
	assert.Equal(t, []string{"bytes 0-0/1100: t", "bytes 2-2/1100: s"}, partsOf(t, got, "application/octet-stream"))
	assert.Empty(t, got.Header.Get("Content-Range"))
	assert.Equal(t, dated(0), got.Header.Get("Last-Modified"))
}

func TestPartialContent_testMultipleRanges(t *testing.T) {
	got := ranged(t, partialcontent.Plugin).Get("/", header("Range", "bytes=0-0,3-3")...)
	assert.Equal(t, []string{"bytes 0-0/1100: t", "bytes 3-3/1100: t"}, partsOf(t, got, "application/octet-stream"))
}

func TestPartialContent_testHeadRequestRange(t *testing.T) {
	got := ranged(t, partialcontent.Plugin).Head("/", header("Range", "bytes=0-0")...)
	assert.Equal(t, 200, got.StatusCode)
	assert.Equal(t, "1100", got.Header.Get("Content-Length"))
	assert.Empty(t, apptest.Text(t, got))
	assert.Equal(t, dated(0), got.Header.Get("Last-Modified"))
	assert.Equal(t, "bytes", got.Header.Get("Accept-Ranges"))
}

// Different: 405 in Ktor. RFC 9110 section 14.2: a Range of another method than
// GET is ignored.
func TestPartialContent_testPostRequestRange(t *testing.T) {
	expect(t, ranged(t, partialcontent.Plugin).Post("/", "text/plain", nil, header("Range", "bytes=0-0")...), 200, "", content)
}

// Different: Ktor says of POST too that it accepts ranges.
func TestPartialContent_testPostNoRange(t *testing.T) {
	got := ranged(t, partialcontent.Plugin).Post("/", "text/plain", nil)
	expect(t, got, 200, "", content)
	assert.Empty(t, got.Header.Get("Accept-Ranges"))
}

// Ktor writes parts of a body whose length is not known and those that are not
// ascending, too, but never sends them: neither do we.
func TestByteRangesChannel(t *testing.T) {
	digits := strings.Repeat("0123456789abcdef", 100)
	text := func(c *app.Call) error {
		c.Header().Set("Content-Type", "text/plain")
		return c.RespondText(digits)
	}
	for name, test := range map[string]struct{ ranges, want string }{
		"testAscendingWithLength": {"bytes=1-3,5-6", "--B\nContent-Type: text/plain\nContent-Range: bytes 1-3/1600\n\n123\n" +
			"--B\nContent-Type: text/plain\nContent-Range: bytes 5-6/1600\n\n56\n--B--\n"},
		"testNonAscendingNoLength": {"bytes=5-6,1-3", "123456"},
	} {
		got := serve(t, text, partialcontent.Plugin).Get("/", header("Range", test.ranges)...)
		require.Equal(t, 206, got.StatusCode, name)
		_, boundary, _ := strings.Cut(got.Header.Get("Content-Type"), "boundary=")
		body := strings.ReplaceAll(apptest.Text(t, got), "\r\n", "\n")
		if boundary != "" {
			body = strings.ReplaceAll(body, boundary, "B")
		}
		assert.True(t, strings.HasPrefix(body, test.want), "%s: %q", name, body)
	}
	got := serve(t, func(c *app.Call) error { // testAscendingNoLength
		_, err := io.WriteString(c.Writer(), digits)
		return err
	}, partialcontent.Plugin).Get("/", header("Range", "bytes=1-3,5-6")...)
	assert.Equal(t, 200, got.StatusCode)
	assert.Equal(t, digits, apptest.Text(t, got))
}

// The test of that name in Ktor's ContentTestSuite: a file of the system.
func TestContentTestSuite_testLocalFileContentRange(t *testing.T) {
	source, err := os.ReadFile("ktor_test.go")
	require.NoError(t, err)
	host := serve(t, func(c *app.Call) error { return c.RespondFile(nil, "ktor_test.go") }, partialcontent.Plugin)
	for ranges, want := range map[string]string{"bytes=0-0": string(source[:1]), "bytes=1-2": string(source[1:3])} {
		got := host.Get("/", header("Range", ranges)...)
		assert.Equal(t, 206, got.StatusCode)
		assert.Equal(t, want, apptest.Text(t, got))
	}
}
