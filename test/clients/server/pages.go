package main

import (
	"embed"
	"net/http"
	"os"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

//go:embed pages
var files embed.FS

// pages declares what a browser loads before it opens a stream.
func pages(r *routing.Route, libraries string) {
	page := func(name string) app.Handler {
		return func(c *app.Call) error { return c.RespondFile(files, "pages/"+name) }
	}
	r.Get("/", page("blank.html"))
	r.Get("/fetch-event-source", page("fetch-event-source.html"))
	r.Get("/htmx", page("htmx.html"))
	r.Get("/htmx-204", page("htmx-204.html"))
	r.Get("/datastar", page("datastar.html"))
	r.Get("/datastar-after", page("blank.html"))
	if libraries != "" {
		r.Mount("/libraries", http.StripPrefix("/libraries", http.FileServerFS(os.DirFS(libraries))))
	}
}
