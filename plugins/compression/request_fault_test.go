package compression_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/doublereceive"
	"github.com/chitor-go/chitor/routing"
)

// TestFaultOfTheConnectionIsNotOneOfTheCoding: a body that is late, breaks off
// or breaks the rules of HTTP is answered as it is without a coding.
func TestFaultOfTheConnectionIsNotOneOfTheCoding(t *testing.T) {
	for name, fault := range map[string]struct {
		framing string // of 30 bytes of the body
		after   func(t *testing.T, conn io.Writer)
		want    string
	}{
		"a bad chunk": {"Transfer-Encoding: chunked\r\n\r\n1e\r\n%s\r\nzz\r\n", nil, "400 Bad Request"},
		"no trailer":  {"Transfer-Encoding: chunked\r\n\r\n1e\r\n%s\r\n0\r\nno header\r\n\r\n", nil, "400 Bad Request"},
		"silence":     {"Content-Length: 1000\r\n\r\n%s", nil, "408 Request Timeout"},
		"trickling": {"Content-Length: 1000\r\n\r\n%s", func(_ *testing.T, conn io.Writer) {
			for range 5 {
				time.Sleep(20 * time.Second)
				_, _ = io.WriteString(conn, "x")
			}
		}, "408 Request Timeout"},
		"too much": {"Transfer-Encoding: chunked\r\n\r\n1e\r\n%s\r\n", func(t *testing.T, conn io.Writer) {
			_, err := fmt.Fprintf(conn, "800\r\n%s\r\n0\r\n\r\n", strings.Repeat("x", 0x800))
			require.NoError(t, err)
		}, "400 Bad Request"}, // the coding is broken before the limit is reached
	} {
		for _, coding := range []string{"gzip", "deflate", "zstd"} {
			for way, read := range map[string]app.Handler{
				"received":    func(c *app.Call) error { _, err := c.ReceiveText(); return err },
				"the request": func(c *app.Call) error { _, err := io.Copy(io.Discard, c.Request.Body); return err },
			} {
				t.Run(name+", "+coding+", "+way, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						host := apptest.Start(t, func(a *app.Application) {
							a.Install(with(zstdStandard))
							routing.Routes(a, func(r *routing.Route) { r.Post("/", read) })
						})
						conn := host.Dial()
						begun := encode(t, string(incompressible(5000)), coding)[:30]
						_, err := fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: "+coding+"\r\n"+fault.framing, begun)
						require.NoError(t, err)
						done := make(chan struct{})
						go func() {
							defer close(done)
							if fault.after != nil {
								fault.after(t, conn)
							}
						}()
						answer := make([]byte, len("HTTP/1.1 ")+len(fault.want))
						_, err = io.ReadFull(conn, answer)
						require.NoError(t, err)
						assert.Equal(t, "HTTP/1.1 "+fault.want, string(answer))
						assert.Empty(t, host.Log().AtLeast(slog.LevelWarn))
						<-done
						require.NoError(t, conn.Close())
					})
				})
			}
		}
	}
}

// TestDecodedFormThatAMiddlewareHasParsed is received as it was parsed.
func TestDecodedFormThatAMiddlewareHasParsed(t *testing.T) {
	for name, plugins := range map[string][]app.Installable{
		"compression":   {with(zstdStandard)},
		"doublereceive": {with(zstdStandard), doublereceive.Plugin},
		"the other way": {doublereceive.Plugin, with(zstdStandard)},
	} {
		t.Run(name, func(t *testing.T) {
			host := startModule(t, func(a *app.Application) {
				for _, plugin := range plugins {
					a.Install(plugin)
				}
				routing.Routes(a, func(r *routing.Route) {
					parsing := func(next http.Handler) http.Handler {
						return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							assert.Equal(t, "secret", r.PostFormValue("token"))
							next.ServeHTTP(w, r)
						})
					}
					r.Post("/", func(c *app.Call) error {
						form, err := c.ReceiveForm()
						if err != nil {
							return err
						}
						return c.RespondText(form.Get("amount"))
					}).Use(parsing)
				})
			})
			got := host.post("/", encode(t, "token=secret&amount=7", "gzip"),
				"Content-Encoding", "gzip", "Content-Type", "application/x-www-form-urlencoded")
			assert.Equal(t, 200, got.status)
			assert.Equal(t, "7", string(got.raw))
		})
	}
}
