package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// TestService plays the part of the contract tests, so that the service is
// known to work between their runs.
func TestService(t *testing.T) {
	told := make(chan string, 10)
	tests := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		told <- r.URL.Path + " " + string(text)
	}))
	defer tests.Close()
	asked, hangUp := make(chan string, 10), make(chan struct{})
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		asked <- strings.Join([]string{r.Method, r.Header.Get("X-Own"), r.Header.Get("Last-Event-ID"), string(body)}, "|")
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, ":comment\nid: 2\nevent: greeting\ndata: hello\n\n")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-hangUp:
		}
	}))
	defer source.Close()

	stopped := false
	host := apptest.Start(t, Module(func() { stopped = true }))
	assert.True(t, json.Valid([]byte(apptest.Text(t, host.Get("/")))))
	created := host.Post("/", "application/json", strings.NewReader(`{"streamUrl": "`+source.URL+`", "callbackUrl": "`+tests.URL+
		`", "method": "POST", "body": "question", "headers": {"x-own": "value"}, "lastEventId": "1", "initialDelayMs": 0}`))
	require.Equal(t, http.StatusCreated, created.StatusCode)
	place := created.Header.Get("Location")

	assert.Equal(t, "POST|value|1|question", <-asked)
	assert.Equal(t, `/1 {"kind":"comment","comment":"comment"}`, <-told)
	assert.Equal(t, `/2 {"kind":"event","event":{"type":"greeting","data":"hello","id":"2"}}`, <-told)

	command := func(text string) int { return host.Post(place, "application/json", strings.NewReader(text)).StatusCode }
	assert.Equal(t, http.StatusBadRequest, command(`{"command": "listen"}`))
	assert.Equal(t, http.StatusBadRequest, command(`{`))
	assert.Equal(t, http.StatusNoContent, command(`{"command": "restart"}`))
	assert.Equal(t, "POST|value|2|question", <-asked)
	assert.Equal(t, `/3 {"kind":"comment","comment":"comment"}`, <-told)
	hangUp <- struct{}{} // cleanly
	assert.Equal(t, "POST|value|2|question", <-asked)

	assert.Equal(t, http.StatusNoContent, host.Do(http.MethodDelete, place, nil).StatusCode)
	assert.Equal(t, http.StatusNotFound, host.Do(http.MethodDelete, place, nil).StatusCode)
	assert.Equal(t, http.StatusNotFound, command(`{"command": "restart"}`))
	assert.Equal(t, http.StatusNoContent, host.Do(http.MethodDelete, "/", nil).StatusCode)
	assert.True(t, stopped)
}
