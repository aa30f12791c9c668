package contentnegotiation_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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

// alwaysFailing returns a converter that must not be called.
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

// respond responds with a value.
func respond(value any) app.Handler { return func(c *app.Call) error { return c.Respond(value) } }

// echo responds with what it receives as a T.
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

var discard = slog.New(slog.DiscardHandler)

// Customer is a value with two formats.
type Customer struct {
	ID   int    `json:"id" xml:"id,attr"`
	Name string `json:"name" xml:"name,attr"`
}

func jsonAndXML(c *contentnegotiation.Config) {
	c.JSON()
	c.Register("application/xml", contentnegotiation.Codec(xml.Marshal, xml.Unmarshal))
}

func onlyJSON(c *contentnegotiation.Config) { c.JSON() }

// sink is a response writer that can be used again.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

// serving returns a function that serves one call.
func serving(t testing.TB, configure func(*contentnegotiation.Config), handler app.Handler) func() {
	t.Helper()
	application := app.New(func(a *app.Application) {
		if configure != nil {
			a.Install(with(configure))
		}
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return handler })
	})
	require.NoError(t, application.Start(t.Context()))
	body := strings.NewReader("")
	request := httptest.NewRequestWithContext(application.Context(), http.MethodPost, "/", io.NopCloser(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/html, application/json;q=0.9, */*;q=0.1")
	writer := &sink{http.Header{}}
	return func() {
		body.Reset(entity)
		clear(writer.header)
		application.ServeHTTP(writer, request)
	}
}

// BenchmarkEcho receives a value and responds with it.

// compact leaves the configuration of JSON as it is by default.
func compact(*contentnegotiation.JSONConfig) {}
