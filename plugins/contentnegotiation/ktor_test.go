package contentnegotiation_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/doublereceive"
	"github.com/chitor-go/chitor/routing"
)

// The tests in this file are Ktor's ContentNegotiationTest,
// ContentNegotiationJvmTest and RequestConverterTest, and the case of
// ApplicationRequestContentTest that installs the plugin, under their names.

func TestRespondByteArray(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Install(with(func(c *contentnegotiation.Config) { c.Register("application/json", alwaysFailing(t)) }))
			r.Get("/", respond([]byte("test")))
		})
	})
	assert.Equal(t, "test", apptest.Text(t, host.Get("/")))
}

func TestMultipleConverters(t *testing.T) {
	var called []string
	host := start(t, func(c *contentnegotiation.Config) {
		c.Register("application/json", &refusing{&called})
		c.Register("application/json", converter{
			func(string, any) (any, error) { called = append(called, "ok serialized"); return "OK", nil },
			func(string, any) error { called = append(called, "ok deserialized"); return nil },
		})
	}, echo[struct{}])
	response := host.Do(http.MethodGet, "/", strings.NewReader("body"), accept("application/json"), apptest.Header("Content-Type", "application/json"))
	assert.Equal(t, "OK", apptest.Text(t, response))
	assert.Equal(t, []string{"asked to read", "ok deserialized", "asked to write", "ok serialized"}, called)
}

func TestEmpty(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(with(func(c *contentnegotiation.Config) { c.Register(custom, customConverter) }))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", respond("OK"))
			r.Post("/", func(c *app.Call) error {
				text, err := app.Receive[string](c)
				if err != nil {
					return err
				}
				return c.Respond("OK: " + text)
			})
		})
	})
	response := host.Get("/")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "text/plain; charset=UTF-8", response.Header.Get("Content-Type"))
	assert.Equal(t, "OK", apptest.Text(t, response))

	response = host.Do(http.MethodPost, "/", strings.NewReader("The Text"))
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "OK: The Text", apptest.Text(t, response))
}

func TestTransformWithNotAcceptable(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) { c.Register("application/zip", customConverter) }, respond(Wrapper{"hello"}))
	response := host.Post("/", "application/json", strings.NewReader(`{"value" : "value" }`), accept("application/xml"))
	assert.Equal(t, http.StatusNotAcceptable, response.StatusCode)
}

func TestTransformWithUnsupportedMediaType(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) { c.Register("application/xml", customConverter) }, echo[Wrapper])
	response := host.Post("/", "application/json", strings.NewReader(`{"value" : "value" }`), accept("application/xml"))
	assert.Equal(t, http.StatusUnsupportedMediaType, response.StatusCode)
}

func TestCustom(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(with(func(c *contentnegotiation.Config) { c.Register(custom, customConverter) }))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", respond(Wrapper{"OK"}))
			r.Post("/", func(c *app.Call) error {
				wrapper, err := app.Receive[Wrapper](c)
				if err != nil {
					return err
				}
				return c.Respond(Wrapper{"OK: " + wrapper.value})
			})
			r.Post("/raw", func(c *app.Call) error {
				text, err := c.ReceiveText()
				if err != nil {
					return err
				}
				return c.Respond("RAW: " + text)
			})
		})
	})
	// Ktor writes in the charset that Accept-Charset asks for; here it is
	// always UTF-8.
	for name, options := range map[string][]apptest.RequestOption{
		"acceptable":                            {accept(custom)},
		"acceptable with charset":               {accept(custom), apptest.Header("Accept-Charset", "ISO-8859-1")},
		"acceptable with any charset":           {accept(custom), apptest.Header("Accept-Charset", "*, ISO-8859-1;q=0.5")},
		"acceptable with charset and preferred": {accept(custom), apptest.Header("Accept-Charset", "ISO-8859-1;q=0.5, UTF-8;q=0.8")},
		"content type pattern":                  {accept("application/*")},
		"content type twice":                    {accept(custom + "," + custom)},
	} {
		t.Run(name, func(t *testing.T) {
			response := host.Get("/", options...)
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, custom, response.Header.Get("Content-Type"))
			assert.Equal(t, "[OK]", apptest.Text(t, response))
		})
	}
	t.Run("unacceptable", func(t *testing.T) {
		assert.Equal(t, http.StatusNotAcceptable, host.Get("/", accept("text/plain")).StatusCode)
	})
	t.Run("post", func(t *testing.T) {
		response := host.Post("/", custom, strings.NewReader("[The Text]"), accept(custom))
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, custom, response.Header.Get("Content-Type"))
		assert.Equal(t, "[OK: The Text]", apptest.Text(t, response))
	})
	t.Run("post to raw endpoint", func(t *testing.T) {
		response := host.Post("/raw", custom, strings.NewReader("[The Text]"), accept(custom))
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "text/plain; charset=UTF-8", response.Header.Get("Content-Type"))
		assert.Equal(t, "RAW: [The Text]", apptest.Text(t, response))
	})
	t.Run("post with charset", func(t *testing.T) {
		response := host.Post("/", custom+"; charset=UTF-8", strings.NewReader("[The Text]"), accept(custom))
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "[OK: The Text]", apptest.Text(t, response))
	})
}

func TestSubrouteInstall(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/1", func(r *routing.Route) {
				r.Install(with(func(c *contentnegotiation.Config) { c.Register(custom, customConverter) }))
				r.Get("", respond(Wrapper{"OK"}))
			})
			r.Get("/2", respond(Wrapper{"OK"}))
		})
	})
	response := host.Get("/1", accept(custom))
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, custom, response.Header.Get("Content-Type"))
	assert.Equal(t, "[OK]", apptest.Text(t, response))
	assert.Equal(t, http.StatusInternalServerError, host.Get("/2", accept(custom)).StatusCode, "it is not installed there")
}

func TestMultiple(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) {
		c.Register(custom, customConverter) // the order matters
		c.Register("text/plain", textConverter)
	}, respond(Wrapper{"OK"}))
	for ranges, want := range map[string][2]string{
		custom:       {custom, "[OK]"},
		"text/plain": {"text/plain; charset=UTF-8", "OK"},
		"text/*":     {"text/plain; charset=UTF-8", "OK"},
		"*/*":        {custom, "[OK]"},
		"":           {custom, "[OK]"},
	} {
		t.Run(ranges, func(t *testing.T) {
			var options []apptest.RequestOption
			if ranges != "" {
				options = append(options, accept(ranges))
			}
			response := host.Get("/", options...)
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, want[0], response.Header.Get("Content-Type"))
			assert.Equal(t, want[1], apptest.Text(t, response))
		})
	}
}

func TestRespondByteReadChannelIgnoresContentNegotiation(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) { c.Register("application/json", alwaysFailing(t)) }, func(c *app.Call) error {
		c.Header().Set("Content-Type", "application/json")
		return c.Respond(strings.NewReader(`{"x": 123}`))
	})
	response := host.Get("/")
	assert.Equal(t, `{"x": 123}`, apptest.Text(t, response))
	assert.Equal(t, "application/json", response.Header.Get("Content-Type"))
}

func TestCustomAcceptedContentTypesContributor(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) {
		c.Register("text/plain", textConverter)
		c.Register("text/html", textConverter)
		c.Accept(func(c *app.Call, accept string) string {
			switch c.QueryParam("format") {
			case "text":
				return "text/plain"
			case "html":
				return "text/html"
			default:
				return accept
			}
		})
	}, respond(Wrapper{"test content"}))
	for _, test := range []struct{ path, accept, want string }{
		{"/", "text/plain", "text/plain"},
		{"/", "text/html", "text/html"},
		{"/", "text/plain, text/html", "text/plain"},
		{"/", "text/plain; q=0.9, text/html", "text/html"},
		{"/?format=html", "text/plain", "text/html"},
		{"/?format=text", "text/html", "text/plain"},
	} {
		response := host.Get(test.path, accept(test.accept))
		assert.Equal(t, "test content", apptest.Text(t, response))
		assert.Equal(t, test.want+"; charset=UTF-8", response.Header.Get("Content-Type"), "%s with %s", test.path, test.accept)
	}
}

func TestDoubleReceive(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(doublereceive.Plugin)
		a.Install(with(func(c *contentnegotiation.Config) { c.Register("text/plain", textConverter) }))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				first, err := app.Receive[Wrapper](c)
				if err != nil {
					return err
				}
				second, err := app.Receive[Wrapper](c)
				if err != nil {
					return err
				}
				return c.RespondText(first.value + "-" + second.value)
			})
		})
	})
	response := host.Do(http.MethodGet, "/", strings.NewReader("[content]"), accept("text/plain"), apptest.Header("Content-Type", "text/plain"))
	assert.Equal(t, "[content]-[content]", apptest.Text(t, response))
}

func TestIllegalAcceptAndContentTypes(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(with(func(c *contentnegotiation.Config) { c.Register("text/plain", alwaysFailing(t)) }))
		send := func(c *app.Call) error {
			c.Header().Set("Content-Type", "application/octet-stream")
			return c.Respond("ok")
		}
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/receive", func(c *app.Call) error {
				if _, err := c.ReceiveText(); err != nil {
					return err
				}
				return send(c)
			})
			r.Get("/send", send)
		})
	})
	for _, path := range []string{"/receive", "/send"} {
		response := host.Do(http.MethodGet, path, strings.NewReader("any"), apptest.Header("Content-Type", "application/octet-stream"))
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "ok", apptest.Text(t, response))
	}
}

func TestIllegalAcceptAndCheckAcceptHeader(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) {
		c.CheckAcceptHeaderCompliance = true
		c.Register("text/plain", textConverter)
	}, respond(struct{}{}))
	response := host.Get("/", accept("....aa..laa...laa"))
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	assert.Equal(t, "the Accept header cannot be read", apptest.Text(t, response))
}

func TestMatchingAcceptAndContentTypes(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) {
		c.CheckAcceptHeaderCompliance = true
		c.Register(custom, customConverter)
	}, respond("some text"))
	for _, ranges := range []string{"text/plain", "application/json, text/plain;q=0.1", "*/*", "text/*"} {
		assert.Equal(t, http.StatusOK, host.Get("/", accept(ranges)).StatusCode, ranges)
	}
}

func TestWithCharset(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) {
		c.ClearIgnoredTypes()
		c.Register("application/json; charset=UTF-8", converter{
			func(_ string, value any) (any, error) { return fmt.Sprintf("%v!", value), nil },
			func(body string, target any) error {
				*target.(*string) = strings.TrimSuffix(body, "!")
				return nil
			},
		})
	}, func(c *app.Call) error {
		text, err := app.Receive[string](c)
		assert.Equal(t, "text", text)
		if err != nil {
			return err
		}
		return c.Respond(text)
	})
	response := host.Post("/", "application/json", strings.NewReader("text!"))
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "application/json; charset=UTF-8", response.Header.Get("Content-Type"))
	assert.Equal(t, "text!", apptest.Text(t, response))
}

func TestMultipleConvertersWithSameType(t *testing.T) {
	type user struct{ name string }
	var called []string
	host := start(t, func(c *contentnegotiation.Config) {
		c.Register("application/json", &refusing{&called})
		c.Register("application/json", converter{
			func(_ string, value any) (any, error) {
				called = append(called, "serialized")
				return value.(user).name, nil
			},
			func(body string, target any) error {
				called = append(called, "deserialized")
				target.(*user).name = body
				return nil
			},
		})
	}, echo[user])
	response := host.Post("/", "application/json", strings.NewReader("Kotlin"))
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "Kotlin", apptest.Text(t, response))
	assert.Equal(t, []string{"asked to read", "deserialized", "asked to write", "serialized"}, called)
}

func TestRespondInputStream(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) { c.Register("application/json", alwaysFailing(t)) }, func(c *app.Call) error {
		return c.Respond(bytes.NewReader([]byte(`{"x": 123}`)))
	})
	assert.Equal(t, `{"x": 123}`, apptest.Text(t, host.Get("/")))
}
