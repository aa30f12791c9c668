package contentnegotiation_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestFormats(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(with(jsonAndXML))
			routing.Routes(a, func(r *routing.Route) { r.Post("/", echo[Customer]) })
		}, mode)
		formats := map[string]string{
			"application/json": `{"id":1,"name":"Jane"}`,
			"application/xml":  `<Customer id="1" name="Jane"></Customer>`,
		}
		for in, body := range formats {
			for out, want := range formats {
				response := host.Post("/", in, strings.NewReader(body), accept(out))
				assert.Equal(t, http.StatusOK, response.StatusCode)
				assert.Equal(t, out, response.Header.Get("Content-Type"))
				assert.Equal(t, want, apptest.Text(t, response), "from %s to %s", in, out)
			}
		}
	})
}

func TestHead(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(with(jsonAndXML))
		routing.Routes(a, func(r *routing.Route) { r.Head("/", respond(Customer{1, "Jane"})) })
	})
	response := host.Head("/", accept("application/xml"))
	assert.Equal(t, "application/xml", response.Header.Get("Content-Type"))
	assert.EqualValues(t, 40, response.ContentLength)
}

func TestStatusAndHeadersOfTheHandlerStand(t *testing.T) {
	host := start(t, onlyJSON, func(c *app.Call) error {
		c.SetStatus(http.StatusUnprocessableEntity)
		c.Header().Set("Content-Type", "application/problem+json")
		return c.Respond(Customer{})
	})
	response := host.Get("/")
	assert.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
	assert.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
	assert.JSONEq(t, `{"id":0,"name":""}`, apptest.Text(t, response))
}

func TestCheckAcceptHeaderCompliance(t *testing.T) {
	tests := map[string]struct {
		contentType, accept string
		want                int
	}{
		"the converter's own":      {"", "application/json", http.StatusOK},
		"set, and accepted":        {"application/problem+json", "application/problem+json, application/json;q=0.5", http.StatusOK},
		"set, accepted by a range": {"application/problem+json; charset=utf-8", "application/*", http.StatusOK},
		"set, and no Accept":       {"application/problem+json", "", http.StatusOK},
		"set, and not accepted":    {"application/problem+json", "application/json", http.StatusNotAcceptable},
		"set to nonsense":          {"nonsense", "application/json", http.StatusInternalServerError},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := start(t, func(c *contentnegotiation.Config) {
				c.CheckAcceptHeaderCompliance = true
				c.JSON()
			}, func(c *app.Call) error {
				if test.contentType != "" {
					c.Header().Set("Content-Type", test.contentType)
				}
				return c.Respond(Customer{})
			})
			response := host.Get("/", accept(test.accept))
			assert.Equal(t, test.want, response.StatusCode)
			if test.want != http.StatusOK {
				assert.Equal(t, "text/plain; charset=UTF-8", response.Header.Get("Content-Type"))
				assert.Equal(t, http.StatusText(test.want), apptest.Text(t, response))
			}
		})
	}
}

func TestComplianceIsNotAskedFor(t *testing.T) {
	host := start(t, onlyJSON, func(c *app.Call) error {
		c.Header().Set("Content-Type", "application/problem+json")
		return c.Respond(Customer{})
	})
	response := host.Get("/", accept("application/json"))
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
}

func TestVary(t *testing.T) {
	tests := map[string]struct {
		configure func(*contentnegotiation.Config)
		set       string
		value     any
		accept    string
		want      []string
	}{
		"one type":         {onlyJSON, "", Customer{}, "", nil},
		"one type, twice":  {func(c *contentnegotiation.Config) { c.JSON(); c.JSON() }, "", Customer{}, "", nil},
		"one and a range":  {func(c *contentnegotiation.Config) { c.JSON(); c.Register("text/*", textConverter) }, "", Customer{}, "", nil},
		"two types":        {jsonAndXML, "", Customer{}, "", []string{"Accept"}},
		"not acceptable":   {jsonAndXML, "", Customer{}, "image/png", []string{"Accept"}},
		"not converted":    {jsonAndXML, "", "text", "", nil},
		"set already":      {jsonAndXML, "Origin, accept", Customer{}, "", []string{"Origin, accept"}},
		"everything":       {jsonAndXML, "*", Customer{}, "", []string{"*"}},
		"something else":   {jsonAndXML, "Accept-Encoding", Customer{}, "", []string{"Accept-Encoding, Accept"}},
		"nobody can do it": {jsonAndXML, "", make(chan int), "", []string{"Accept"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := start(t, test.configure, func(c *app.Call) error {
				if test.set != "" {
					c.Header().Set("Vary", test.set)
				}
				return c.Respond(test.value)
			})
			assert.Equal(t, test.want, host.Get("/", accept(test.accept)).Header["Vary"])
		})
	}
}

// Before hooks in ReceiveTransform and SendTransform of other plugins count.
func TestBodyOfAnotherPlugin(t *testing.T) {
	for name, set := range map[string]func(*app.Outgoing){
		"text":   func(out *app.Outgoing) { out.SetText("") },
		"bytes":  func(out *app.Outgoing) { out.SetBytes(nil) },
		"reader": func(out *app.Outgoing) { out.SetReader(strings.NewReader(""), -1) },
	} {
		t.Run(name, func(t *testing.T) {
			other := app.NewPlugin("Other", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
				b.OnCallRespond(func(_ *app.Call, out *app.Outgoing) error { set(out); return nil })
				return nil
			})
			host := apptest.Start(t, func(a *app.Application) {
				a.Install(other)
				a.Install(with(func(c *contentnegotiation.Config) { c.Register("application/json", alwaysFailing(t)) }))
				a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return respond(Customer{}) })
			})
			response := host.Get("/")
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Empty(t, apptest.Text(t, response))
		})
	}
}

func TestNeverValues(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(with(func(c *contentnegotiation.Config) {
			c.ClearIgnoredTypes()
			c.Register("application/json", alwaysFailing(t))
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/status", func(c *app.Call) error { return c.RespondStatus(http.StatusCreated) })
			r.Get("/reader", respond(strings.NewReader("text")))
			r.Get("/stream", respond(app.Stream(func(w http.ResponseWriter) error {
				_, err := io.WriteString(w, "text")
				return err
			})))
			r.Get("/file", func(c *app.Call) error { return c.RespondFile(nil, "doc.go") })
		})
	})
	assert.Equal(t, http.StatusCreated, host.Get("/status").StatusCode)
	assert.Equal(t, "text", apptest.Text(t, host.Get("/reader")))
	assert.Equal(t, "text", apptest.Text(t, host.Get("/stream")))
	assert.Contains(t, apptest.Text(t, host.Get("/file")), "package contentnegotiation")
	assert.Equal(t, http.StatusNotFound, host.Get("/nowhere").StatusCode)
}

func TestIgnoredInterface(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) {
		c.IgnoreType(reflect.TypeFor[error]())
		c.JSON()
	}, respond(errors.New("an error")))
	assert.Equal(t, http.StatusNotAcceptable, host.Get("/").StatusCode)
}

func TestTextThatIsNotIgnored(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(with(func(c *contentnegotiation.Config) {
			c.RemoveIgnoredType(reflect.TypeFor[string]())
			c.JSON()
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", respond("<text>"))
			r.Get("/bytes", respond([]byte("bytes")))
			r.Get("/error", func(*app.Call) error { return app.NewError(http.StatusConflict, "taken") })
			r.Post("/", func(c *app.Call) error {
				text, err := app.Receive[string](c)
				if err != nil {
					return err
				}
				return c.RespondBytes([]byte(text))
			})
		})
	})
	assert.Equal(t, `"<text>"`, apptest.Text(t, host.Get("/")))
	assert.Equal(t, "bytes", apptest.Text(t, host.Get("/bytes")))
	assert.Equal(t, "received", apptest.Text(t, host.Post("/", "application/json", strings.NewReader(`"received"`))))
	for ranges, want := range map[string]string{"*/*": `"taken"`, "image/png": "taken", "nonsense": "taken"} {
		response := host.Get("/error", accept(ranges))
		assert.Equal(t, http.StatusConflict, response.StatusCode, ranges)
		assert.Equal(t, want, apptest.Text(t, response), ranges)
	}
}

// It is installed behind and before other plugins, and behind middlewares with
// writers of their own.
func TestAmongOthers(t *testing.T) {
	problems := app.NewPlugin("Problems", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.OnCallFailed(func(c *app.Call, cause error) error { // StatusPages, with a value
			if c.QueryParam("problem") == "" {
				return nil
			}
			c.SetStatus(http.StatusTeapot)
			return c.Respond(Customer{Name: strings.Repeat("problem ", 100)})
		})
		return nil
	})
	install := map[string]func(a *app.Application){
		"compression": func(a *app.Application) { a.Install(compression.Plugin) },
		"problems":    func(a *app.Application) { a.Install(problems) },
		"middlewares": func(a *app.Application) {
			a.Use(middleware.RequestID, middleware.Logger, middleware.Recoverer)
		},
		"plugin": func(a *app.Application) { a.Install(with(jsonAndXML)) },
	}
	for _, order := range [][]string{
		{"compression", "problems", "middlewares", "plugin"},
		{"plugin", "middlewares", "problems", "compression"},
		{"middlewares", "plugin", "compression", "problems"},
	} {
		t.Run(strings.Join(order, " "), func(t *testing.T) {
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				host := apptest.Start(t, func(a *app.Application) {
					for _, name := range order {
						install[name](a)
					}
					routing.Routes(a, func(r *routing.Route) {
						r.Post("/", echo[Customer])
						r.Get("/fail", func(*app.Call) error { return errors.New("failed") })
					})
				}, mode)
				name := strings.Repeat("Jane ", 100)
				response := host.Post("/", "application/json", strings.NewReader(`{"id":1,"name":"`+name+`"}`),
					accept("application/xml"), apptest.Header("Accept-Encoding", "gzip"))
				assert.Equal(t, http.StatusOK, response.StatusCode)
				assert.Equal(t, "application/xml", response.Header.Get("Content-Type"))
				assert.Equal(t, `<Customer id="1" name="`+name+`"></Customer>`, unzipped(t, response))
				assert.ElementsMatch(t, []string{"Accept", "Accept-Encoding"}, fields(response.Header["Vary"]))

				response = host.Get("/fail?problem=yes", apptest.Header("Accept-Encoding", "gzip"))
				assert.Equal(t, http.StatusTeapot, response.StatusCode)
				assert.Equal(t, "application/json", response.Header.Get("Content-Type"))
				assert.Contains(t, unzipped(t, response), `"name":"problem problem`)

				response = host.Get("/fail")
				assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
				assert.Equal(t, "Internal Server Error", apptest.Text(t, response))
			})
		})
	}
}

func unzipped(t *testing.T, response *http.Response) string {
	t.Helper()
	require.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
	reader, err := gzip.NewReader(response.Body)
	require.NoError(t, err)
	text, err := io.ReadAll(reader)
	require.NoError(t, err)
	return string(text)
}

func fields(lines []string) []string {
	return strings.FieldsFunc(strings.Join(lines, ","), func(r rune) bool { return r == ',' || r == ' ' })
}

func TestStreamsPassUntouched(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(with(jsonAndXML))
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error { return s.SendText("event") })
				r.Post("/answer", func(c *app.Call) error {
					customer, err := app.Receive[Customer](c)
					if err != nil {
						return err
					}
					return sse.Respond(c, func(s *sse.Session) error { return s.SendText(customer.Name) })
				})
			})
		}, mode)
		response := host.Get("/events", accept("text/event-stream"))
		assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
		assert.Empty(t, response.Header["Vary"])
		assert.Equal(t, "data: event\r\n\r\n", apptest.Text(t, response))
		response = host.Post("/answer", "application/json", strings.NewReader(`{"name":"Jane"}`))
		assert.Equal(t, "data: Jane\r\n\r\n", apptest.Text(t, response))
	})
}

func TestMistakes(t *testing.T) {
	install := func(configure func(*contentnegotiation.Config)) app.Module {
		return func(a *app.Application) { a.Install(with(configure)) }
	}
	tests := map[string]struct {
		module app.Module
		want   []string
	}{
		"types": {install(func(c *contentnegotiation.Config) {
			c.Register("json", contentnegotiation.JSON())
			c.Register("", contentnegotiation.JSON())
			c.Register("application/json; charset", contentnegotiation.JSON())
		}), []string{
			`install ContentNegotiation: register "json": it is not a media type`,
			`register "": mime: no media type`,
			`register "application/json; charset": mime: invalid media parameter`,
		}},
		"nil": {install(func(c *contentnegotiation.Config) {
			c.Register("application/json", nil)
			c.Accept(nil)
			c.IgnoreType(nil)
			c.JSON(nil)
			c.Register("application/problem+json", contentnegotiation.JSON(func(j *contentnegotiation.JSONConfig) { j.Indent = " " }, nil))
		}), []string{
			`register "application/json": the converter is nil`, "the accept contributor is nil", "the ignored type is nil",
			`register "application/json": JSON: the configuration function is nil`,
			`register "application/problem+json": JSON: the configuration function is nil`,
		}},
		"no converter":        {install(func(*contentnegotiation.Config) {}), []string{"there is no converter: register one, for example with c.JSON()"}},
		"not even a function": {func(a *app.Application) { a.Install(contentnegotiation.Plugin) }, []string{"there is no converter"}},
		"none, and a nil one": {install(func(c *contentnegotiation.Config) { c.Accept(nil) }), []string{"the accept contributor is nil"}},
		"twice": {func(a *app.Application) {
			a.Install(with(onlyJSON))
			a.Install(with(onlyJSON))
		}, []string{"install ContentNegotiation: it is already installed"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := app.New(test.module).Start(context.Background())
			for _, want := range test.want {
				require.ErrorContains(t, err, want)
			}
			assert.ErrorContains(t, err, "plugin_test.go:")
		})
	}
}
