// Login is an account in a browser: a form logs in, the session outlasts the server,
// an event stream says what happens to the account, and it ends with the session.
//
//	go run ./examples/login
//
// Open http://localhost:8080 in two windows, and log out in one of them: the other
// one is told. Stop the program and start it again: both come back by themselves,
// because sessions are files.
package main

import (
	"cmp"
	"context"
	"embed"
	"flag"
	"log"
	"os"
	"path/filepath"
	"strconv"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/csrf"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

//go:embed page
var files embed.FS

// policy lets the pages load what this server has, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Module returns the application, whose sessions are files in a directory.
func Module(directory string) app.Module {
	return func(a *app.Application) {
		storage, err := sessions.OpenDirectory(directory)
		if err != nil {
			a.Fail(err)
			return
		}
		a.OnStop(func(context.Context) error { return storage.Close() })
		a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) {
			c.Header("Content-Security-Policy", policy)
			c.Header("X-Content-Type-Options", "nosniff")
		}))
		a.Install(csrf.Plugin) // no other site logs in or out
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(current, func(c *sessions.CookieConfig) { c.Storage = storage })
		}))

		accounts := newAccounts(a)
		a.Install(sse.Plugin.With(accounts.streams))
		routing.Routes(a, func(r *routing.Route) {
			static.Resources(r, "/page", files, func(c *static.Config) { c.Base = "page" })
			r.Get("/login", func(c *app.Call) error { return c.RespondFile(files, "page/login.html") })
			r.Post("/login", accounts.logIn).Install(authentication.Require(accounts.byForm))

			r.Group(func(r *routing.Route) {
				r.Install(authentication.Require(accounts.users))
				r.Get("/", func(c *app.Call) error { return c.RespondFile(files, "page/index.html") })
				r.SSE("/events", accounts.watch)
				r.Post("/logout", accounts.logOut)
			})
		})
	}
}

func main() {
	port, err := strconv.Atoi(cmp.Or(os.Getenv("PORT"), "8080"))
	if err != nil {
		log.Fatalf("PORT: %v", err)
	}
	flag.IntVar(&port, "port", port, "where to listen, in place of the environment variable PORT")
	directory := flag.String("sessions", filepath.Join(os.TempDir(), "chitor-login-sessions"), "where the sessions are kept")
	flag.Parse()
	if err := engine.EmbeddedServer(Module(*directory), engine.Port(port)).Run(); err != nil {
		log.Fatal(err)
	}
}
