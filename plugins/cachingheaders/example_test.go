package cachingheaders_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/cachingheaders"
	"github.com/chitor-go/chitor/routing"
)

func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(cachingheaders.Plugin.With(func(c *cachingheaders.Config) {
			c.Options(func(_ *app.Call, out *app.Outgoing) *cachingheaders.CachingOptions {
				kind, _, _ := strings.Cut(out.Header.Get("Content-Type"), ";")
				switch kind {
				case "text/plain":
					return &cachingheaders.CachingOptions{CacheControl: cachingheaders.MaxAge{Age: time.Hour}}
				case "text/html":
					return &cachingheaders.CachingOptions{CacheControl: cachingheaders.MaxAge{Age: time.Minute}}
				default:
					return nil
				}
			})
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/text", func(c *app.Call) error { return c.RespondText("Hello") })
			r.Get("/mine", func(c *app.Call) error {
				cachingheaders.Set(c, cachingheaders.CachingOptions{
					CacheControl: cachingheaders.NoCache{Visibility: cachingheaders.Private},
				})
				return c.RespondText("Hello, Anna")
			})
		})
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{"/text", "/mine", "/missing"} {
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		fmt.Printf("%d %q\n", recorder.Code, recorder.Header().Get("Cache-Control"))
	}
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}

	// Output:
	// 200 "max-age=3600"
	// 200 "no-cache, max-age=3600, private"
	// 404 ""
}
