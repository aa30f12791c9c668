package autoheadresponse_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/routing"
)

// text returns a handler that responds with text.
func text(text string) app.Handler { return func(c *app.Call) error { return c.RespondText(text) } }

// naming returns a handler that responds with its name in a header.
func naming(name string) app.Handler {
	return func(c *app.Call) error {
		c.Header().Set("X-Handler", name+" "+c.Request.Method)
		return c.RespondStatus(http.StatusOK)
	}
}

// serve starts an application with the plugin and routes.
func serve(t *testing.T, declare func(*routing.Route), options ...apptest.Option) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		a.Install(autoheadresponse.Plugin)
		routing.Routes(a, declare)
	}, options...)
}

// same asserts that HEAD has what GET has, without the body, and returns the
// response to HEAD.
func same(t *testing.T, host *apptest.Host, path string, status int, text string) *http.Response {
	t.Helper()
	full := host.Get(path)
	assert.Equal(t, status, full.StatusCode)
	assert.Equal(t, text, apptest.Text(t, full))
	head := host.Head(path)
	assert.Equal(t, status, head.StatusCode)
	assert.Empty(t, apptest.Text(t, head))
	full.Header.Del("Date")
	header := head.Header.Clone()
	header.Del("Date")
	assert.Equal(t, full.Header, header)
	return head
}
