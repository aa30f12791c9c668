// Conditional-headers is Ktor's sample of that name: a stylesheet whose version
// every response says, so that a browser that has it already gets 304 and no
// body.
package main

import (
	"crypto/sha256"
	_ "embed" // for the page and its stylesheet
	"encoding/hex"
	"log"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/routing"
)

//go:embed page.html
var page string

//go:embed styles.css
var styles string

// Module is the application. In Ktor the version is the time of a file. What is
// embedded has none: the tag is made of what it holds, and the time is that of
// the start.
func Module(a *app.Application) {
	hash := sha256.Sum256([]byte(styles))
	tag, started := hex.EncodeToString(hash[:8]), time.Now()

	a.Install(conditionalheaders.Plugin.With(func(c *conditionalheaders.Config) {
		c.Version(func(_ *app.Call, out *app.Outgoing) []conditionalheaders.Version {
			if !strings.HasPrefix(out.Header.Get("Content-Type"), "text/css") {
				return nil
			}
			return []conditionalheaders.Version{
				conditionalheaders.EntityTagVersion{Tag: tag},
				conditionalheaders.LastModifiedVersion{LastModified: started},
			}
		})
	}))

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/html-dsl", func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/html; charset=UTF-8")
			return c.RespondText(page)
		})
		r.Get("/styles.css", func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/css; charset=UTF-8")
			return c.RespondText(styles)
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
