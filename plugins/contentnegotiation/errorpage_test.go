package contentnegotiation_test

import (
	"errors"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// TestErrorPagesAreSentWhateverIsAccepted: what tells an error keeps its status
// and its page, in a type that the client accepts if there is one. Anything
// else is still negotiated.
func TestErrorPagesAreSentWhateverIsAccepted(t *testing.T) {
	page := func(status int) app.Handler {
		return func(c *app.Call) error {
			c.SetStatus(status)
			return c.Respond(Customer{Name: "page"})
		}
	}
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		a.Install(with(func(c *contentnegotiation.Config) {
			c.CheckAcceptHeaderCompliance = true
			c.Register("application/x-other", wrapping("[", "]")) // it supports no Customer
			jsonAndXML(c)
		}))
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
			statuspages.Exception(c, func(call *app.Call, _ error) error { return page(http.StatusForbidden)(call) })
			statuspages.Exception(c, func(call *app.Call, _ *http.MaxBytesError) error { return page(0)(call) })
			c.Status(http.StatusNotFound, func(call *app.Call, _ int) error { return call.Respond(Customer{Name: "page"}) })
			c.Status(http.StatusNotAcceptable, func(call *app.Call, _ int) error { return call.Respond(Customer{Name: "page"}) })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/error", func(*app.Call) error { return errors.New("not for you") })
			r.Get("/without-status", func(*app.Call) error { return &http.MaxBytesError{Limit: 1} })
			r.Get("/unprocessable", page(http.StatusUnprocessableEntity))
			r.Get("/found", page(http.StatusFound))
			r.Get("/ok", page(0))
			r.SSE("/events", func(*sse.Session) error { return nil })
		})
	})
	const json = "application/json"
	for _, test := range []struct {
		path, accept string
		status       int
		contentType  string
	}{
		{"/error", "text/event-stream", http.StatusForbidden, json},
		{"/error", "application/json", http.StatusForbidden, json},
		{"/error", "application/xml", http.StatusForbidden, "application/xml"},
		{"/error", "application/x-other", http.StatusForbidden, json},
		{"/error", "application/json;q=0, image/png", http.StatusForbidden, json},
		{"/error", "nonsense", http.StatusForbidden, json},
		{"/error", "", http.StatusForbidden, json},
		{"/without-status", "text/event-stream", http.StatusOK, json},
		{"/unprocessable", "text/event-stream", http.StatusUnprocessableEntity, json},
		{"/missing", "text/event-stream", http.StatusNotFound, json},
		{"/missing", "nonsense", http.StatusNotFound, json},

		{"/ok", "text/event-stream", http.StatusForbidden, json}, // for 406
		{"/ok", "application/json", http.StatusOK, json},
		{"/found", "application/json", http.StatusFound, json},
		{"/events", "text/event-stream", http.StatusOK, "text/event-stream"},
	} {
		t.Run(test.path+" "+test.accept, func(t *testing.T) {
			response := host.Get(test.path, accept(test.accept))
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.contentType, response.Header.Get("Content-Type"))
		})
	}
	assert.Empty(t, host.Log().AtLeast(slog.LevelError))
}

// What tells no error is not acceptable.
func TestOnlyErrorsDisregardAccept(t *testing.T) {
	host := start(t, onlyJSON, func(c *app.Call) error {
		c.SetStatus(http.StatusCreated)
		return c.Respond(Customer{})
	})
	response := host.Get("/", accept("text/event-stream"))
	assert.Equal(t, http.StatusNotAcceptable, response.StatusCode)
	assert.Equal(t, "Not Acceptable", apptest.Text(t, response))
	assert.Equal(t, http.StatusBadRequest, host.Get("/", accept("nonsense")).StatusCode)
}
