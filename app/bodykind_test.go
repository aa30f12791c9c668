package app_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/requestbodylimit"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// TestRefusalAsksForNoBody: a client that waits for 100 Continue hears of a
// refusal at once, and sends nothing.
func TestRefusalAsksForNoBody(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/text":      "415", // the charset
		"/form":      "415",
		"/multipart": "415",
		"/value":     "500", // nothing reads values
		"/limited":   "413",
		"/stream":    "503",
		"/ignored":   "200",
		"/error":     "403",
		"/gone":      "404",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, func(a *app.Application) {
					a.Install(sse.Plugin.With(func(c *sse.Config) { c.MaxSessions = 1 }))
					routing.Routes(a, func(r *routing.Route) {
						r.Post("/text", readers["text"])
						r.Post("/form", readers["form"])
						r.Post("/multipart", readers["multipart"])
						r.Post("/value", func(c *app.Call) error { _, err := app.Receive[struct{}](c); return err })
						r.Post("/limited", readers["bytes"]).Install(requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) {
							c.BodyLimit(func(*app.Call) int64 { return 4 })
						}))
						hold := func(s *sse.Session) error { return s.Delay(time.Hour) }
						r.SSE("/hold", hold)
						r.Post("/stream", func(c *app.Call) error { return sse.Respond(c, hold) })
						r.Post("/ignored", text("no need"))
						r.Post("/error", func(*app.Call) error { return app.NewError(http.StatusForbidden, "no") })
					})
				})
				held := host.Get("/hold")
				answer := raw(t, host, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain; charset=koi8-r\r\n"+
					"Expect: 100-continue\r\nContent-Length: 10\r\n\r\n")
				assert.True(t, strings.HasPrefix(answer, "HTTP/1.1 "+want+" "), answer)
				assert.Contains(t, answer, "\r\nConnection: close\r\n")
				assert.NoError(t, held.Body.Close())
			})
		})
	}
}

// TestBodyOfAnyMethodIsReceived: a GET may have one as well, which net/http
// makes no form of.
func TestBodyOfAnyMethodIsReceived(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "QUERY"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			a := start(t, func(a *app.Application) {
				a.Use(func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						_ = r.FormValue("a")
						next.ServeHTTP(w, r)
					})
				})
			}, answering(showForm))
			r := httptest.NewRequest(method, "/", strings.NewReader("a=1&b=2"))
			r.Header.Set("Content-Type", urlEncoded)
			expect(t, do(t, a, r), http.StatusOK, "a=1&b=2")
		})
	}
}

// TestBodyOfNoLengthIsEmpty for every way to read it, declared or chunked.
func TestBodyOfNoLengthIsEmpty(t *testing.T) {
	t.Parallel()
	for way, handler := range readers {
		if way == "proxy" {
			continue
		}
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				host := apptest.Start(t, answering(func(c *app.Call) error {
					return errors.Join(handler(c), c.DiscardBody(), c.RespondText("empty"))
				}), mode)
				contentType, want := urlEncoded, http.StatusOK
				if way == "multipart" { // which has at least a boundary
					contentType, want = formData, http.StatusBadRequest
				}
				for _, body := range []io.Reader{nil, strings.NewReader(""), io.MultiReader(strings.NewReader(""))} {
					assert.Equal(t, want, host.Post("/", contentType, body).StatusCode)
				}
			})
		})
	}
}
