package compat_test

import (
	"io"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// chiPathRows are the middlewares that look at the path or the method, or
// change them.
func chiPathRows() []middlewareRow {
	return []middlewareRow{
		{
			name: "chi StripSlashes", module: chiModule,
			make: plain(middleware.StripSlashes),
			acts: []probe{act("a slash at the end", "status 200", "/text/")},
		},
		{
			name: "chi RedirectSlashes", module: chiModule,
			make: plain(middleware.RedirectSlashes),
			acts: []probe{act("a slash at the end", "status 301", "/text/?q=1")},
		},
		{
			name: "chi CleanPath", module: chiModule,
			make: plain(middleware.CleanPath),
			acts: []probe{act("double slashes", `body: "GET /mounted//below"`, "/mounted//below"), act("two in front", "status 200", "//text")},
			differs: map[string]difference{"two in front" + atRoute: {
				mark: markSlashes,
				chi: answer{
					"status 404", "Content-Type: text/plain; charset=utf-8", "X-Content-Type-Options: nosniff",
					`body: "404 page not found\n"`,
				},
				chitor: answer{"status 200", "Content-Type: " + textType, `body: "text"`},
			}},
		},
		{
			name: "chi Heartbeat", module: chiModule,
			make: plain(middleware.Heartbeat("/ping")),
			acts: []probe{act("its path", "status 200", "/ping")},
		},
		{
			name: "chi PageRoute", module: chiModule,
			make: plain(middleware.PageRoute("/page", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "a page")
			}))),
			acts: []probe{act("its path", "status 200", "/page")},
		},
		{
			name: "chi PathRewrite", module: chiModule,
			make: plain(middleware.PathRewrite("/old/", "/")),
			acts: []probe{act("the old path", "status 200", "/old/text")},
		},
		{
			name: "chi URLFormat", module: chiModule,
			make: seen(middleware.URLFormat, func(r *http.Request) string {
				format, _ := r.Context().Value(middleware.URLFormatCtxKey).(string)
				return " format=" + format
			}),
			acts: []probe{act("a path with a format", `body: " format=json"`, "/seen.json")},
		},
		{
			name: "chi GetHead", module: chiModule,
			make: plain(middleware.GetHead),
			acts: []probe{{
				"HEAD of a route for GET",
				func(s *side) answer { return s.do(http.MethodHead, "/large", "") },
				"status 200",
			}},
		},
		{
			name: "chi SupressNotFound", module: chiModule,
			make: func(routes routesOf) subject {
				return subject{wrap: func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						mux := routes(r)
						chi.RouteContext(r.Context()).Routes = mux
						middleware.SupressNotFound(mux)(next).ServeHTTP(w, r)
					})
				}}
			},
		},
		{
			name: "http.StripPrefix", module: stdlib,
			make: plain(func(next http.Handler) http.Handler { return http.StripPrefix("/api", next) }),
			prepare: func(r *http.Request) {
				if r.URL.Path != "/outside" {
					r.URL.Path = "/api" + r.URL.Path
				}
			},
			acts: []probe{act("a path without it", "status 404", "/outside")},
			// On a route it comes after the match: nothing below /api matches.
			differs: map[string]difference{"panic" + atRoute: {mark: markSame}},
		},
	}
}
