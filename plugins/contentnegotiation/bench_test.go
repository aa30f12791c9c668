package contentnegotiation_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
)

// sink is a response writer that can be used again.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

const entity = `{"id":777,"name":"Cargo","children":[{"item":"Qube","quantity":1},{"item":"Sphere","quantity":2}]}`

// byHand is what a handler does without the plugin.
func byHand(c *app.Call) error {
	data, err := c.ReceiveBytes()
	if err != nil {
		return err
	}
	var value MyEntity
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	if data, err = json.Marshal(value); err != nil {
		return err
	}
	c.Header().Set("Content-Type", "application/json")
	return c.RespondBytes(data)
}

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
func BenchmarkEcho(b *testing.B) {
	for _, variant := range []struct {
		name      string
		configure func(*contentnegotiation.Config)
		handler   app.Handler
	}{
		{"by hand", nil, byHand},
		{"JSON", onlyJSON, echo[MyEntity]},
		{"JSON and XML", jsonAndXML, echo[MyEntity]},
	} {
		b.Run(variant.name, func(b *testing.B) {
			serve := serving(b, variant.configure, variant.handler)
			b.ReportAllocs()
			for b.Loop() {
				serve()
			}
		})
	}
}
