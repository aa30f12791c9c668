// Legacy-interactive-website is Ktor's sample of that name: a journal whose
// articles are created, changed and deleted by forms. Its pages are templates of
// html/template that share a layout, in the place of FreeMarker's.
package main

import (
	"embed"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"net/url"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

//go:embed templates
var files embed.FS

// Module is the application.
func Module(a *app.Application) {
	pages, err := parse("index", "new", "show", "edit")
	if err != nil {
		a.Fail(err)
		return
	}
	journal := &Journal{}
	journal.Add("The drive to develop!", "...it's what keeps me going.")

	// about returns a handler for what a page says about an article.
	about := func(page string) app.Handler {
		return func(c *app.Call) error {
			article, err := find(c, journal)
			if err != nil {
				return err
			}
			return c.RespondHTML(pages[page], article)
		}
	}

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondRedirect("/articles") })
		r.Route("/articles", func(r *routing.Route) {
			r.Get("", func(c *app.Call) error { return c.RespondHTML(pages["index"], journal.All()) })
			r.Get("new", func(c *app.Call) error { return c.RespondHTML(pages["new"], nil) })
			r.Post("", func(c *app.Call) error {
				form, err := c.ReceiveForm()
				if err != nil {
					return err
				}
				title, body, err := content(form)
				if err != nil {
					return err
				}
				return seeOther(c, fmt.Sprintf("/articles/%d", journal.Add(title, body).ID))
			})
			r.Get("{id}", about("show"))
			r.Get("{id}/edit", about("edit"))
			r.Post("{id}", func(c *app.Call) error { return change(c, journal) })
		})
	})
}

// parse returns the templates of pages, each in the layout.
func parse(names ...string) (map[string]*template.Template, error) {
	pages := map[string]*template.Template{}
	for _, name := range names {
		page, err := template.ParseFS(files, "templates/layout.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", name, err)
		}
		pages[name] = page.Lookup("layout")
	}
	return pages, nil
}

// find returns the article that the path names.
func find(c *app.Call, journal *Journal) (Article, error) {
	id, err := app.PathParam[int](c, "id")
	if err != nil {
		return Article{}, err
	}
	article, found := journal.Find(id)
	if !found {
		return Article{}, app.NewError(http.StatusNotFound, "there is no such article")
	}
	return article, nil
}

// content returns what a form says about an article.
func content(form url.Values) (title, body string, err error) {
	if !form.Has("title") || !form.Has("body") {
		return "", "", app.NewError(http.StatusBadRequest, "an article has a title and a body")
	}
	return form.Get("title"), form.Get("body"), nil
}

// change updates or deletes the article that the path names.
func change(c *app.Call, journal *Journal) error {
	article, err := find(c, journal)
	if err != nil {
		return err
	}
	form, err := c.ReceiveForm()
	if err != nil {
		return err
	}
	switch form.Get("_action") {
	case "update":
		if article.Title, article.Body, err = content(form); err != nil {
			return err
		}
		journal.Update(article)
		return seeOther(c, fmt.Sprintf("/articles/%d", article.ID))
	case "delete":
		journal.Delete(article.ID)
		return seeOther(c, "/articles")
	default:
		return app.NewError(http.StatusBadRequest, "an article is updated or deleted")
	}
}

// seeOther leads a browser from a form that it has sent to a page.
func seeOther(c *app.Call, location string) error {
	c.Header().Set("Location", location)
	return c.RespondStatus(http.StatusSeeOther)
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
