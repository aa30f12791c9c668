package app_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// TestAbuseByHeaders: the engine refuses before there is a call.
func TestAbuseByHeaders(t *testing.T) {
	t.Parallel()
	headers := func(count int) string {
		var text strings.Builder
		for i := range count {
			fmt.Fprintf(&text, "X-Header-%d: value\r\n", i)
		}
		return text.String()
	}
	for name, test := range map[string]struct {
		headers string
		status  string
	}{
		"10,000 headers":         {headers(10_000), "431 Request Header Fields Too Large"},
		"10,000 of one name":     {strings.Repeat("X: 12345\r\n", 10_000), "431 Request Header Fields Too Large"},
		"one of 100 KiB":         {"X: " + strings.Repeat("x", 100<<10) + "\r\n", "431 Request Header Fields Too Large"},
		"1,000 headers":          {headers(1_000), "200 OK"},
		"header without a colon": {"nonsense\r\n", "400 Bad Request"},
		"header with a NUL":      {"X: a\x00b\r\n", "400 Bad Request"},
		"header over two lines":  {"X: a\r\n b\r\n", "200 OK"},
		"name with a space":      {"X : a\r\n", "400 Bad Request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, abused(func(r *routing.Route) { r.Get("/", text("hello")) }), apptest.Buffer(1<<20))
				conn := host.Dial()
				_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n"+strings.TrimSuffix(test.headers, "\r\n")+"\r\n\r\n")
				require.NoError(t, err)
				line, err := bufio.NewReader(conn).ReadString('\n')
				require.NoError(t, err)
				assert.Contains(t, line, "HTTP/1.1 "+test.status)
				expectHealthy(t, host)
			})
		})
	}
}

// TestAbuseBySize: bodies of 1 GiB are refused before they are there, in
// bounded memory. It is not parallel: it counts what is allocated.
func TestAbuseBySize(t *testing.T) {
	const gibibyte = 1 << 30
	x := strings.Repeat("x", 64<<10)
	partHead := "--b\r\nContent-Disposition: form-data; name=\"a\"%s\r\n\r\n"
	for name, test := range map[string]struct {
		path, contentType, head string
		repeated                string
		arrives                 int64 // at most that much of it is sent
	}{
		"form":                  {"/form", urlEncoded, "a=", x, 2 << 20},
		"form of many fields":   {"/form", urlEncoded, "", "a&", 2 << 20},
		"field of a form":       {"/form", formData, fmt.Sprintf(partHead, ""), x, 2 << 20},
		"fields of a form":      {"/form", formData, "", fmt.Sprintf(partHead, "") + "\r\n", 2 << 20},
		"file of a form":        {"/form", formData, fmt.Sprintf(partHead, `; filename="f"`), x, 5 << 20},
		"part":                  {"/parts", formData, fmt.Sprintf(partHead, ""), x, 5 << 20},
		"header of a part":      {"/parts", formData, "--b\r\nX: ", x, 1 << 20},
		"headers of a part":     {"/parts", formData, "--b\r\n", "X: 1\r\n", 1 << 20},
		"names of fields":       {"/form", formData, "", "--b\r\nContent-Disposition: form-data; name=\"" + strings.Repeat("x", 10_000) + "\"\r\n\r\n\r\n", 2 << 20},
		"text before the parts": {"/parts", formData, "", "nonsense\r\n", 1 << 20},
		"text":                  {"/text", "text/plain", "", x, 2 << 20},
		"bytes":                 {"/bytes", "", "", x, 2 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				synctest.Test(t, func(t *testing.T) {
					host := apptest.Start(t, func(a *app.Application) {
						// The default, 50 MiB, would be as bounded and take
						// longer.
						a.Configure(func(c *app.Config) { c.PartLimit = 4 << 20 })
						abused(sizedRoutes)(a)
					}, mode, apptest.Engine(engine.Logger(slog.New(slog.DiscardHandler))))
					expectHealthy(t, host)
					sent := &counted{Reader: io.LimitReader(io.MultiReader(strings.NewReader(test.head), &repeating{text: test.repeated}), gibibyte)}
					var before, after runtime.MemStats
					runtime.ReadMemStats(&before)
					response := host.Post(test.path, test.contentType, sent)
					runtime.ReadMemStats(&after)
					assert.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
					assert.Less(t, sent.count.Load(), test.arrives+1<<20)
					assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(gibibyte/8), "bytes in all, whether they are still in use or not")
					expectHealthy(t, host)
				})
			})
		})
	}
}

// sizedRoutes receive bodies of each kind.
func sizedRoutes(r *routing.Route) {
	r.Post("/form", showForm)
	r.Post("/text", echoing[string])
	r.Post("/bytes", echoing[[]byte])
	r.Post("/parts", func(c *app.Call) error {
		for _, err := range c.ReceiveMultipart() {
			if err != nil {
				return err
			}
		}
		return c.RespondText("received")
	})
}

// counted is a reader that counts what was read of it.
type counted struct {
	io.Reader
	count atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.count.Add(int64(n))
	return n, err
}

// repeating yields a text again and again.
type repeating struct {
	text string
	at   int
}

func (r *repeating) Read(p []byte) (n int, err error) {
	for n < len(p) {
		copied := copy(p[n:], r.text[r.at:])
		n += copied
		r.at = (r.at + copied) % len(r.text)
	}
	return n, nil
}
