package partialcontent_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/partialcontent"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

func TestConforms(t *testing.T) {
	plugintest.Conform(t, partialcontent.Plugin, plugintest.Scoped(), plugintest.Adds("Accept-Ranges"))
}

// What leaves, byte for byte.
func TestWire(t *testing.T) {
	for name, test := range map[string]struct {
		ranges string
		head   []string
		body   string
	}{
		"whole": {"", []string{"HTTP/1.1 200 OK", "Accept-Ranges: bytes", "Content-Type: text/plain; charset=UTF-8", "Content-Length: 10"}, "0123456789"},
		"one": {
			"bytes=2-4", []string{
				"HTTP/1.1 206 Partial Content", "Accept-Ranges: bytes", "Content-Range: bytes 2-4/10",
				"Content-Type: text/plain; charset=UTF-8", "Content-Length: 3",
			}, "234",
		},
		"none": {"bytes=10-", []string{"HTTP/1.1 416 Requested Range Not Satisfiable", "Content-Range: bytes */10", "Content-Length: 0"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			conn := serve(t, func(c *app.Call) error { return c.RespondText("0123456789") }, partialcontent.Plugin).Dial()
			_, err := fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nRange: %s\r\n\r\n", test.ranges)
			require.NoError(t, err)
			head, body := plugintest.ReadHead(t, conn)
			assert.ElementsMatch(t, test.head, head)
			assert.Equal(t, test.body, body)
		})
	}
}

// Ranges are cut out of whatever has a length, over both protocols, and of
// nothing else.
func TestAnyBody(t *testing.T) {
	long := strings.Repeat("0123456789", 5000)
	declared := func(c *app.Call) { c.Header().Set("Content-Length", "50000") }
	for name, test := range map[string]struct {
		handler app.Handler
		status  int
	}{
		"text":            {func(c *app.Call) error { return c.RespondText(long) }, 206},
		"bytes":           {func(c *app.Call) error { return c.RespondBytes([]byte(long)) }, 206},
		"declared reader": {func(c *app.Call) error { declared(c); return c.Respond(strings.NewReader(long)) }, 206},
		"declared writer": {func(c *app.Call) error {
			declared(c)
			for piece := range strings.SplitSeq(strings.ReplaceAll(long, "5", "5|"), "|") {
				if _, err := io.WriteString(c.Writer(), piece); err != nil {
					return err
				}
			}
			return nil
		}, 206},
		"flushed": {func(c *app.Call) error {
			declared(c)
			if err := http.NewResponseController(c.Writer()).Flush(); err != nil {
				return err
			}
			_, err := io.WriteString(c.Writer(), long)
			return err
		}, 206},
		"mounted": {app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "50000")
			_, _ = io.WriteString(w, long)
		})), 206},
		"reader without a length": {func(c *app.Call) error { return c.Respond(strings.NewReader(long)) }, 200},
		"writer":                  {func(c *app.Call) error { _, err := io.WriteString(c.Writer(), long); return err }, 200},
		"stored in a coding": {func(c *app.Call) error {
			c.Header().Set("Content-Encoding", "br")
			c.Header().Set("ETag", `"v1-br"`)
			return c.RespondText(long)
		}, 206},
		"stored in a coding, without a tag": {func(c *app.Call) error {
			c.Header().Set("Content-Encoding", "br")
			return c.RespondText(long)
		}, 200},
		"a range already": {func(c *app.Call) error {
			c.Header().Set("Content-Range", "bytes 0-49999/60000")
			return c.RespondText(long)
		}, 200},
		"no ranges wanted": {func(c *app.Call) error { c.Header().Set("Accept-Ranges", "none"); return c.RespondText(long) }, 200},
		"another success":  {func(c *app.Call) error { c.SetStatus(203); return c.RespondText(long) }, 203},
		"an event stream that declares a length": {func(c *app.Call) error {
			declared(c)
			c.Header().Set("Content-Type", "text/event-stream")
			_, err := io.WriteString(c.Writer(), long)
			return err
		}, 200},
		"an error": {func(*app.Call) error { return app.NewError(404, long) }, 404},
	} {
		t.Run(name, func(t *testing.T) {
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				host := apptest.Start(t, func(a *app.Application) {
					a.Install(compression.Plugin)
					a.Install(partialcontent.Plugin)
					routing.Routes(a, func(r *routing.Route) { r.Get("/", test.handler) })
				}, mode)
				got := host.Get("/", header("Range", "bytes=20005-40001", "Accept-Encoding", "gzip")...)
				require.Equal(t, test.status, got.StatusCode)
				if test.status == 206 {
					expect(t, got, 206, "bytes 20005-40001/50000", long[20005:40002])
					parts := partsOf(t, host.Get("/", header("Range", "bytes=0-2,20005-40001,-2")...), got.Header.Get("Content-Type"))
					assert.Equal(t, []string{
						"bytes 0-2/50000: 012", "bytes 20005-40001/50000: " + long[20005:40002], "bytes 49998-49999/50000: 89",
					}, parts)
					return
				}
				assert.Equal(t, long, strings.TrimSuffix(apptest.Text(t, got), "\n"))
			})
		})
	}
}

func TestRangesOfStreamsNeverHappen(t *testing.T) {
	host := serve(t, func(c *app.Call) error {
		return sse.Respond(c, func(s *sse.Session) error { return s.SendText("x") })
	}, sse.Plugin, partialcontent.Plugin)
	got := host.Get("/", header("Range", "bytes=0-3")...)
	assert.Equal(t, 200, got.StatusCode)
	assert.Equal(t, "data: x\r\n\r\n", apptest.Text(t, got))
	assert.Empty(t, got.Header.Get("Accept-Ranges"))
}

// A body that is shorter than it was said to be is cut, and not passed off as
// the range.
func TestABodyThatEndsEarlyIsCut(t *testing.T) {
	for name, ranges := range map[string]string{"one": "bytes=500-900", "several": "bytes=0-0,500-900"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, func(a *app.Application) {
					a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })
					a.Install(partialcontent.Plugin)
					routing.Routes(a, func(r *routing.Route) {
						r.Get("/", func(c *app.Call) error {
							c.Header().Set("Content-Length", "1000")
							_, err := io.WriteString(c.Writer(), strings.Repeat("x", 600))
							return err
						})
					})
				})
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://test/", nil)
				require.NoError(t, err)
				request.Header.Set("Range", ranges)
				response, err := host.Client().Do(request)
				if err == nil {
					_, err = io.ReadAll(response.Body)
					assert.NoError(t, response.Body.Close())
				}
				assert.Error(t, err)
			})
		})
	}
}

// No request makes a response longer than it is without the plugin, or takes
// more time than its header.
func TestAmplification(t *testing.T) {
	const size = 2000
	host := serve(t, func(c *app.Call) error { return c.RespondText(strings.Repeat("x", size)) }, limit(1000))
	var every strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&every, "%d-%d,", i*2, i*2)
	}
	for name, ranges := range map[string]string{
		"the whole, many times":       strings.Repeat("0-,", 900) + "0-",
		"every second byte":           every.String() + "-1",
		"ranges that overlap":         strings.Repeat("0-1500,500-1999,", 400) + "-1",
		"backwards":                   "1999-1999," + strings.Repeat("5-5,3-3,", 300) + "1-1",
		"more than are allowed":       strings.Repeat("0-0,5-5,", 5000) + "9-9",
		"all but nothing, many times": strings.Repeat("-0,", 900) + "0-1999",
	} {
		got := host.Get("/", header("Range", "bytes="+ranges)...)
		assert.Equal(t, 206, got.StatusCode, name)
		assert.LessOrEqual(t, len(apptest.Text(t, got)), size, name)
	}
}

// A page for 416 comes from StatusPages, and no cache is told to keep it.
func TestRefusalIsNotKept(t *testing.T) {
	host := serve(t, func(c *app.Call) error {
		c.Header().Set("Cache-Control", "public, max-age=3600")
		return c.RespondText("0123456789")
	}, partialcontent.Plugin, statuspages.Plugin.With(func(c *statuspages.Config) {
		c.Status(416, func(c *app.Call, _ int) error { return c.RespondText("page") })
	}))
	got := host.Get("/", header("Range", "bytes=10-")...)
	assert.Equal(t, 416, got.StatusCode)
	assert.Equal(t, "page", apptest.Text(t, got))
	assert.Empty(t, got.Header.Get("Cache-Control"))
}

// A type that could end the head of a part is left out of it.
func TestHostileType(t *testing.T) {
	host := serve(t, func(c *app.Call) error {
		c.Header().Set("Content-Type", "text/plain\r\nX-Evil: yes")
		return c.RespondText(strings.Repeat("x", 1000))
	}, partialcontent.Plugin)
	got := host.Get("/", header("Range", "bytes=0-0,5-5")...)
	assert.Equal(t, 206, got.StatusCode)
	assert.NotContains(t, apptest.Text(t, got), "Evil")
}
