package contentnegotiation_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/routing"
)

// The tests in this file are those of Ktor named in ktor_test.go that receive.

func TestReceiveTransformedByDefault(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(with(func(c *contentnegotiation.Config) {
			c.Register("*/*", alwaysFailing(t))
			c.IgnoreType(reflect.TypeFor[string]())
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/byte-channel", func(c *app.Call) error {
				reader, err := app.Receive[io.Reader](c)
				if err != nil {
					return err
				}
				n, err := io.Copy(io.Discard, reader)
				if err != nil {
					return err
				}
				return c.RespondText(fmt.Sprintf("bytes: %d", n))
			})
			r.Post("/byte-array", func(c *app.Call) error {
				data, err := app.Receive[[]byte](c)
				if err != nil {
					return err
				}
				return c.RespondText(fmt.Sprintf("array: %d", len(data)))
			})
			r.Post("/string", func(c *app.Call) error {
				text, err := app.Receive[string](c)
				if err != nil {
					return err
				}
				return c.RespondText("text: " + text)
			})
			r.Post("/parameters", func(c *app.Call) error {
				form, err := c.ReceiveForm()
				if err != nil {
					return err
				}
				return c.RespondText(form.Encode())
			})
		})
	})
	assert.Equal(t, "bytes: 3", apptest.Text(t, host.Do(http.MethodPost, "/byte-channel", strings.NewReader("123"))))
	assert.Equal(t, "array: 3", apptest.Text(t, host.Do(http.MethodPost, "/byte-array", strings.NewReader("123"))))
	assert.Equal(t, "text: 123", apptest.Text(t, host.Do(http.MethodPost, "/string", strings.NewReader("123"))))
	assert.Equal(t, "k=v", apptest.Text(t, host.Post("/parameters", "application/x-www-form-urlencoded", strings.NewReader("k=v"))))
}

func TestReceiveTextIgnoresContentNegotiation(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) { c.Register("*/*", alwaysFailing(t)) }, func(c *app.Call) error {
		text, err := c.ReceiveText()
		if err != nil {
			return err
		}
		return c.RespondText("text: " + text)
	})
	assert.Equal(t, `text: "k=v"`, apptest.Text(t, host.Post("/", "application/json", strings.NewReader(`"k=v"`))))
}

func TestReceiveInputStreamTransformedByDefault(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(with(func(c *contentnegotiation.Config) { c.Register("*/*", alwaysFailing(t)) }))
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/multipart", func(c *app.Call) error {
				var names []string
				for part, err := range c.ReceiveMultipart() {
					if err != nil {
						return err
					}
					names = append(names, part.FormName())
				}
				return c.RespondText(fmt.Sprintf("parts: %v", names))
			})
		})
	})
	body := "--my-boundary\r\nContent-Disposition: form-data; name=field1\r\n\r\n\r\n--my-boundary--\r\n"
	response := host.Post("/multipart", "multipart/form-data; boundary=my-boundary", strings.NewReader(body))
	assert.Equal(t, "parts: [field1]", apptest.Text(t, response))
}

// NonSerializable is ignored in the test below, Serializable is not.
type NonSerializable struct{}

// Serializable is what its converter can do.
type Serializable struct{}

func TestIgnoreType(t *testing.T) {
	used := false
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(with(func(c *contentnegotiation.Config) {
			c.IgnoreType(reflect.TypeFor[NonSerializable]())
			c.Register("application/json", converter{
				func(string, any) (any, error) { return nil, errors.New("not implemented") },
				func(string, any) error { used = true; return nil },
			})
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/foo", func(c *app.Call) error {
				_, err := app.Receive[NonSerializable](c)
				require.Error(t, err)
				return c.RespondText(err.Error())
			})
			r.Post("/bar", func(c *app.Call) error {
				if _, err := app.Receive[Serializable](c); err != nil {
					return err
				}
				return c.RespondText("OK")
			})
		})
	})
	text := apptest.Text(t, host.Post("/foo", "application/json", strings.NewReader("")))
	assert.Contains(t, text, `nothing reads a body of type "application/json" into *contentnegotiation_test.NonSerializable`)
	assert.False(t, used)
	assert.Equal(t, "OK", apptest.Text(t, host.Post("/bar", "application/json", strings.NewReader(""))))
	assert.True(t, used)
}

func TestReceiveUnsupportedTypeFailing(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) { c.Register(custom, customConverter) }, echo[[]int])
	assert.Equal(t, http.StatusUnsupportedMediaType, host.Get("/").StatusCode)
}

func TestReceiveUnsupportedTypeNotFailing(t *testing.T) {
	host := start(t, func(c *contentnegotiation.Config) { c.Register(custom, customConverter) }, func(c *app.Call) error {
		if _, err := app.Receive[[]int](c); err != nil {
			return c.RespondText("(none)")
		}
		return c.RespondText("some")
	})
	assert.Equal(t, "(none)", apptest.Text(t, host.Get("/")))
}
