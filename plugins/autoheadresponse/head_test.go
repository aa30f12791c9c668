package autoheadresponse_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// In Ktor a HEAD route of the application is never reached (row R360), and
// handlers see GET.
func TestHeadRoutesWinAndHandlersSeeHead(t *testing.T) {
	host := serve(t, func(r *routing.Route) {
		r.Get("/get", naming("get"))
		r.Get("/own", naming("get"))
		r.Head("/own", naming("head"))
		r.Get("/any", naming("get"))
		r.Handle("/any", naming("any"))
		r.Handle("/only", naming("any"))
		r.Mount("/mounted", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Handler", "mounted "+r.Method)
		}))
		r.Get("/users/{id}", func(c *app.Call) error { return naming(c.Route() + " " + c.PathParam("id"))(c) })
		r.Post("/form", naming("post"))
	})
	for path, want := range map[string]string{
		"/get": "get HEAD", "/own": "head HEAD", "/any": "get HEAD", "/only": "any HEAD", "/mounted/x": "mounted HEAD",
		"/users/7": "/users/{id} 7 HEAD",
	} {
		assert.Equal(t, want, host.Head(path).Header.Get("X-Handler"), path)
	}
	response := host.Head("/form")
	assert.Equal(t, 405, response.StatusCode)
	assert.Equal(t, "POST", response.Header.Get("Allow"))
	assert.Equal(t, 404, host.Head("/nowhere").StatusCode)
	assert.Equal(t, "GET, HEAD", host.Do(http.MethodDelete, "/get", nil).Header.Get("Allow"))
}

func TestWithoutThePlugin(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) { r.Get("/", text("Hello")) })
	})
	assert.Equal(t, 405, host.Head("/").StatusCode)
}

func TestHeadHasTheHeadOfGetForAnyBody(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		long := strings.Repeat("long ", 10_000)
		files := fstest.MapFS{"report.txt": {Data: []byte(long)}}
		host := serve(t, func(r *routing.Route) {
			r.Get("/long", text(long))
			r.Get("/bytes", func(c *app.Call) error { return c.RespondBytes([]byte("bytes")) })
			r.Get("/file", func(c *app.Call) error { return c.RespondFile(files, "report.txt") })
			r.Get("/reader", func(c *app.Call) error { return c.Respond(strings.NewReader(long)) })
			r.Get("/stream", func(c *app.Call) error {
				return c.Respond(app.Stream(func(w http.ResponseWriter) error { _, err := io.WriteString(w, long); return err }))
			})
			r.Get("/writer", func(c *app.Call) error { _, err := io.WriteString(c.Writer(), long); return err })
			r.Get("/redirect", func(c *app.Call) error { c.SetStatus(304); return c.RespondStatus(304) })
			served := fstest.MapFS{"served": {Data: []byte(long), ModTime: time.Unix(1e9, 0)}}
			r.Get("/served", app.FromHTTP(http.FileServerFS(served)))
		}, mode)
		for path, length := range map[string]int64{"/long": 50_000, "/bytes": 5, "/file": 50_000, "/served": 50_000} {
			body := long
			if path == "/bytes" {
				body = "bytes"
			}
			assert.Equal(t, length, same(t, host, path, 200, body).ContentLength, path)
		}
		for _, path := range []string{"/reader", "/stream", "/writer"} {
			assert.Equal(t, int64(-1), same(t, host, path, 200, long).ContentLength, path)
		}
		same(t, host, "/redirect", 304, "")
	})
}

// The test would not end if a stream ran on behind its head.
func TestStreamsEndWithTheirHead(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		for _, behind := range []int{0, 3} {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, func(a *app.Application) {
					a.Install(sse.Plugin)
					a.Install(autoheadresponse.Plugin)
					routing.Routes(a, func(r *routing.Route) {
						r.Use([]func(http.Handler) http.Handler{middleware.RequestID, middleware.Recoverer, wrapping}[:behind]...)
						r.SSE("/events", func(s *sse.Session) error {
							for {
								if err := s.SendText("again"); err != nil {
									return err
								}
							}
						})
						r.Get("/respond", func(c *app.Call) error {
							return sse.Respond(c, func(s *sse.Session) error { <-s.Context().Done(); return nil })
						})
						r.Get("/stream", func(c *app.Call) error {
							c.Header().Set("Content-Type", "text/csv")
							return c.Respond(app.Stream(func(w http.ResponseWriter) error {
								for {
									if _, err := io.WriteString(w, "again\n"); err != nil {
										return err
									}
									if err := http.NewResponseController(w).Flush(); err != nil {
										return err
									}
								}
							}))
						})
					})
				}, mode)
				for path, contentType := range map[string]string{
					"/events": "text/event-stream", "/respond": "text/event-stream", "/stream": "text/csv",
				} {
					for range 2 {
						response := host.Head(path)
						assert.Equal(t, 200, response.StatusCode, path)
						assert.Equal(t, contentType, response.Header.Get("Content-Type"), path)
						assert.Empty(t, response.Header["Content-Length"], path)
						assert.Empty(t, apptest.Text(t, response))
					}
				}
			})
		}
	})
}

// wrapping is a middleware with a writer of its own.
func wrapping(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(middleware.NewWrapResponseWriter(w, r.ProtoMajor), r)
	})
}

// HEAD has the head of the encoded response, and the headers that other plugins
// add to GET.
func TestWithOtherPlugins(t *testing.T) {
	plugins := []app.Installable{
		autoheadresponse.Plugin, compression.Plugin, cors.Plugin.With(func(c *cors.Config) { c.AnyHost() }),
	}
	for first := range plugins {
		host := apptest.Start(t, func(a *app.Application) {
			for i := range plugins {
				a.Install(plugins[(first+i)%len(plugins)])
			}
			routing.Routes(a, func(r *routing.Route) { r.Get("/", text(strings.Repeat("Hello ", 100))) })
		})
		header := []apptest.RequestOption{apptest.Header("Accept-Encoding", "gzip"), apptest.Header("Origin", "http://example.com")}
		head := host.Head("/", header...)
		assert.Equal(t, 200, head.StatusCode)
		assert.Equal(t, "gzip", head.Header.Get("Content-Encoding"))
		assert.Equal(t, "*", head.Header.Get("Access-Control-Allow-Origin"))
		full := host.Get("/", header...)
		for _, name := range []string{"Content-Encoding", "Vary", "Content-Type", "Access-Control-Allow-Origin"} {
			assert.Equal(t, full.Header[name], head.Header[name])
		}
	}
}

func TestInstallation(t *testing.T) {
	a := app.New(func(a *app.Application) {
		a.Install(autoheadresponse.Plugin)
		a.Install(autoheadresponse.Plugin)
		routing.Routes(a, func(r *routing.Route) { r.Install(autoheadresponse.Plugin) })
	})
	err := a.Start(context.Background())
	assert.ErrorContains(t, err, "install AutoHeadResponse: it is already installed")
	assert.ErrorContains(t, err, "install AutoHeadResponse: it can be installed on the application only")
}
