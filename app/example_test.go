package app_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
)

// A Greeting is what the plugin of the examples can be told.
type Greeting struct{ Header, Text string }

// Greeter puts a greeting into a header of each response.
var Greeter = app.NewPlugin("Greeter", func() Greeting { return Greeting{"X-Greeting", "hello"} },
	func(b *app.PluginBuilder[Greeting]) error {
		if b.Config().Header == "" {
			return errors.New("the header has no name")
		}
		b.OnCall(func(c *app.Call) error {
			c.Header().Set(b.Config().Header, b.Config().Text)
			return nil
		})
		return nil
	})

// Hello is a module that answers every call; package routing tells calls apart.
func Hello(a *app.Application) {
	a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })
	a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
		return func(c *app.Call) error {
			name := c.QueryParam("name")
			if name == "" {
				return app.NewError(http.StatusBadRequest, "who are you?")
			}
			return c.RespondText("Hello, " + name + "!")
		}
	})
}

// show serves GET target and prints the answer.
func show(h http.Handler, target string) {
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, target, nil))
	fmt.Println(recorder.Code, recorder.Header().Get("X-Greeting"), recorder.Body)
}

func ExampleNew() {
	ctx := context.Background()
	application := app.New(Hello, func(a *app.Application) {
		a.Install(Greeter.With(func(c *Greeting) { c.Text = "good morning" }))
	})
	if err := application.Start(ctx); err != nil {
		log.Fatal(err)
	}
	show(application, "/?name=Jet")
	show(application, "/")
	if err := application.Stop(ctx); err != nil {
		log.Fatal(err)
	}
	show(application, "/?name=Jet")
	// Output:
	// 200 good morning Hello, Jet!
	// 400 good morning who are you?
	// 503  Service Unavailable
}

func ExampleApplication_Start_mistakes() {
	application := app.New(func(a *app.Application) {
		a.Install(nil)
		a.Use(nil)
	})
	err := application.Start(context.Background())
	for mistake := range strings.Lines(err.Error()) {
		_, text, _ := strings.Cut(mistake, ": ") // less the file and line
		fmt.Print(text)
	}
	// Output:
	// install: the plugin is nil
	// use: the middleware is nil
}

func ExampleProperties_DecodeStrict() {
	type pool struct {
		MaxSize int `property:",required"`
		Idle    time.Duration
	}
	properties := app.NewProperties(map[string]any{"database": map[string]any{
		"pool": map[string]any{"max-size": "10", "idle": "90s"},
	}})
	found := pool{Idle: time.Minute} // holds if the properties do not say otherwise
	fmt.Println(properties.DecodeStrict("database.pool", &found), found)

	misspelt := properties.With(app.PropertiesAt("database.pool.idel", "2m"))
	fmt.Println(misspelt.DecodeStrict("database.pool", &found))
	// Output:
	// <nil> {10 1m30s}
	// database.pool.idel: it is unknown: is it idle? (known: idle, maxSize)
}

func ExampleNewKey() {
	visits := app.NewKey[int]("visits")
	application := app.New()
	visits.Set(application, 1)
	count, ok := visits.Get(application)
	fmt.Println(visits, count, ok)
	visits.Delete(application)
	count, ok = visits.Get(application)
	fmt.Println(visits, count, ok)
	// Output:
	// visits 1 true
	// visits 0 false
}

func ExampleScope_Use() {
	application := app.New(Hello, func(a *app.Application) {
		a.Use(func(next http.Handler) http.Handler { // any net/http middleware
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Greeting", "from a middleware")
				next.ServeHTTP(w, r)
			})
		})
	})
	if err := application.Start(context.Background()); err != nil {
		log.Fatal(err)
	}
	show(application, "/?name=Brains")
	// Output:
	// 200 from a middleware Hello, Brains!
}
