package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// A test: six seconds of fake time.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		response := host.Get("/events")
		for event := range ssetest.Events(t, response.Body) {
			require.Contains(t, event.Data, "this is SSE")
		}
	})
}

func TestResponses(t *testing.T) {
	tests := map[string]struct {
		path, want string
	}{
		"text":      {"/", "Hello, world!"},
		"parameter": {"/api/users/42", "42"},
		"mounted":   {"/api/legacy/x/y", "legacy /api/legacy/x/y"},
		"values":    {"/json", "data: {\"id\":0,\"firstName\":\"Jet\",\"lastName\":\"Brains\"}\r\n\r\ndata: {\"id\":0,\"prices\":[100,200]}\r\n\r\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, Module)
			assert.Equal(t, test.want, apptest.Text(t, host.Get(test.path)))
		})
	}
}

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		counts := map[string]int{}
		for event := range ssetest.Events(t, host.Get("/heartbeat").Body) {
			counts[event.Data]++
		}
		assert.Equal(t, 4, counts["Hello"])
		assert.GreaterOrEqual(t, counts["heartbeat"], 4)
	})
}

func TestStreamFromAnyHandler(t *testing.T) {
	host := apptest.Start(t, Module)
	var words []string
	for event := range ssetest.Events(t, host.Post("/answer", "text/plain", strings.NewReader("why is the sky blue?")).Body) {
		words = append(words, event.Data)
	}
	assert.Equal(t, "You asked: why is the sky blue?", strings.Join(words, " "))
}

func TestMounted(t *testing.T) {
	mux := http.NewServeMux()
	application, err := mounted(t.Context(), mux)
	require.NoError(t, err)
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, "Hello, world!", recorder.Body.String())

	require.NoError(t, application.Stop(t.Context()))
	recorder = httptest.NewRecorder()
	mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, http.StatusServiceUnavailable, recorder.Code)
}

func TestPlugin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(Plugin.With(func(c *Config) { c.Header = "X-Time" }))
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					time.Sleep(time.Second)
					return c.RespondText("done")
				})
			})
		})
		assert.Equal(t, "1s", host.Get("/").Header.Get("X-Time"))
	})
}
