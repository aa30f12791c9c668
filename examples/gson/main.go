// Gson is Ktor's sample of that name: a value as indented JSON, with default
// headers, compression and a log line for each call. Gson is a library of the
// JVM; this uses encoding/json, as examples/jackson does. As in Ktor the two
// write dates differently: Gson has an adapter that writes a date as text.
//
//	go run ./examples/gson
//	curl -v --compressed localhost:8080/v1
//	curl -v --compressed localhost:8080/v1/item/A
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"slices"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/routing"
)

// Model is the value that is sent.
type Model struct {
	Name  string    `json:"name"`
	Items []Item    `json:"items"`
	Date  LocalDate `json:"date"`
}

// Item is a part of a Model.
type Item struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// LocalDate is a day, in JSON a text as in ISO 8601. Its two methods do what
// LocalDateAdapter does in Ktor's sample.
type LocalDate struct{ time.Time }

// MarshalJSON returns the day as text.
func (d LocalDate) MarshalJSON() ([]byte, error) { return json.Marshal(d.Format(time.DateOnly)) }

// UnmarshalJSON reads the day from text.
func (d *LocalDate) UnmarshalJSON(data []byte) error {
	var text string
	err := json.Unmarshal(data, &text)
	if err == nil {
		d.Time, err = time.Parse(time.DateOnly, text)
	}
	return err
}

// root is the value that is served.
func root() Model {
	return Model{"root", []Item{{"A", "Apache"}, {"B", "Bing"}}, LocalDate{time.Date(2018, time.April, 13, 0, 0, 0, 0, time.UTC)}}
}

// Module is the application.
func Module(a *app.Application) {
	model := root()

	a.Install(defaultheaders.Plugin)
	a.Install(compression.Plugin)
	a.Install(calllogging.Plugin)
	a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) {
		c.JSON(func(j *contentnegotiation.JSONConfig) { j.Indent = "  " })
	}))
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/v1", func(c *app.Call) error { return c.Respond(model) })
		r.Get("/v1/item/{key}", func(c *app.Call) error {
			i := slices.IndexFunc(model.Items, func(item Item) bool { return item.Key == c.PathParam("key") })
			if i < 0 {
				return c.RespondStatus(http.StatusNotFound)
			}
			return c.Respond(model.Items[i])
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
