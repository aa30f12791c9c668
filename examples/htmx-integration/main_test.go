package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

func TestData(t *testing.T) {
	host := apptest.Start(t, Module)
	for name, test := range map[string]struct {
		headers map[string]string
		want    string
	}{
		"a browser": {nil, "Please use HTMX to load this data"},
		"htmx":      {map[string]string{"HX-Request": "true", "HX-Target": "other"}, "<p>Data loaded via HTMX!</p>"},
		"a target":  {map[string]string{"HX-Request": "true", "HX-Target": "result", "HX-Trigger": "load-button"}, "<p>Data specifically for #result element</p>"},
		"a trigger": {map[string]string{"HX-Request": "true", "HX-Target": "other", "HX-Trigger": "load-button"}, "<p>Data loaded by #load-button</p>"},
	} {
		t.Run(name, func(t *testing.T) {
			var options []apptest.RequestOption
			for name, value := range test.headers {
				options = append(options, apptest.Header(name, value))
			}
			response := host.Get("/data", options...)
			assert.Equal(t, test.want, apptest.Text(t, response))
			assert.Contains(t, response.Header.Get("Vary"), "Hx-Request")
			if test.headers != nil {
				assert.JSONEq(t, `{"loaded":null}`, response.Header.Get("HX-Trigger"))
			}
		})
	}
}

func TestAllWindowsAreTold(t *testing.T) {
	host := apptest.Start(t, Module)
	first, second := host.Get("/events"), host.Get("/events")
	assert.Equal(t, "0", ssetest.Take(t, first.Body, 1)[0].Data)
	assert.Equal(t, "0", ssetest.Take(t, second.Body, 1)[0].Data)
	require.Equal(t, http.StatusOK, host.Get("/data", apptest.Header("HX-Request", "true")).StatusCode)
	for _, response := range []*http.Response{first, second} {
		event := ssetest.Take(t, response.Body, 1)[0]
		assert.Equal(t, "loads", event.Event)
		assert.Equal(t, "1", event.Data)
	}
	assert.Equal(t, "The server has answered 1 of such requests.",
		apptest.Text(t, host.Get("/status", apptest.Header("HX-Request", "true"))))
}

func TestThePageIsServedWithAllThatItNeeds(t *testing.T) {
	host := apptest.Start(t, Module)
	for _, path := range []string{"/", "/page/style.css", "/page/htmx.min.js", "/page/sse.min.js", "/page/LICENSE.txt"} {
		response := host.Get(path)
		assert.Equal(t, http.StatusOK, response.StatusCode, path)
		assert.Equal(t, policy, response.Header.Get("Content-Security-Policy"), path)
	}
}
