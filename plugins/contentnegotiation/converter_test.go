package contentnegotiation_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/routing"
)

// converter is a contentnegotiation.Converter made of two functions.
type converter struct {
	serialize   func(contentType string, value any) (any, error)
	deserialize func(body string, target any) error
}

func (c converter) Serialize(contentType string, value any) (any, error) {
	return c.serialize(contentType, value)
}

func (c converter) Deserialize(_ string, body io.Reader, target any) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	return c.deserialize(string(text), target)
}

// alwaysFailing returns a converter that must not be asked.
func alwaysFailing(t *testing.T) contentnegotiation.Converter {
	return converter{
		func(string, any) (any, error) {
			t.Error("this converter should never be started for send")
			return nil, errors.New("started")
		},
		func(string, any) error {
			t.Error("this converter should never be started for receive")
			return errors.New("started")
		},
	}
}

// Wrapper is the value of the tests.
type Wrapper struct{ value string }

const custom = "application/ktor"

// wrapping returns a converter for Wrapper that puts text around its value.
func wrapping(before, after string) contentnegotiation.Converter {
	return converter{
		func(_ string, value any) (any, error) {
			wrapper, ok := value.(Wrapper)
			if !ok {
				return nil, contentnegotiation.ErrUnsupported
			}
			return before + wrapper.value + after, nil
		},
		func(body string, target any) error {
			wrapper, ok := target.(*Wrapper)
			if !ok {
				return contentnegotiation.ErrUnsupported
			}
			wrapper.value = strings.TrimSuffix(strings.TrimPrefix(body, before), after)
			return nil
		},
	}
}

var (
	customConverter = wrapping("[", "]")
	textConverter   = wrapping("", "")
)

// with installs the plugin.
func with(configure func(*contentnegotiation.Config)) app.Installable {
	return contentnegotiation.Plugin.With(configure)
}

// respond answers with a value.
func respond(value any) app.Handler { return func(c *app.Call) error { return c.Respond(value) } }

// echo answers with what it receives as a T.
func echo[T any](c *app.Call) error {
	value, err := app.Receive[T](c)
	if err != nil {
		return err
	}
	return c.Respond(value)
}

// start starts an application with the plugin and one handler for GET and POST
// requests to /.
func start(t *testing.T, configure func(*contentnegotiation.Config), handler app.Handler) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		a.Install(with(configure))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", handler)
			r.Post("/", handler)
		})
	})
}

func accept(ranges string) apptest.RequestOption { return apptest.Header("Accept", ranges) }

// refusing is a converter that supports nothing, and reads nothing.
type refusing struct{ called *[]string }

func (r *refusing) Serialize(string, any) (any, error) {
	*r.called = append(*r.called, "asked to write")
	return nil, fmt.Errorf("refused: %w", contentnegotiation.ErrUnsupported)
}

func (r *refusing) Deserialize(string, io.Reader, any) error {
	*r.called = append(*r.called, "asked to read")
	return contentnegotiation.ErrUnsupported
}
