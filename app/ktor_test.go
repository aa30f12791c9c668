package app_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

// A test whose name begins with TestKtor does what Ktor's class of tests of the
// same name does; its cases have the names of that class's tests.
// docs/conformance.md counts them.

// ktorCase is an application and what is asked of it.
type ktorCase struct {
	module app.Module
	test   func(t *testing.T, host *apptest.Host)
}

// runKtor runs each case over both protocols, in a bubble that finds what is
// left behind.
func runKtor(t *testing.T, cases map[string]ktorCase) {
	t.Helper()
	t.Parallel()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				synctest.Test(t, func(t *testing.T) { c.test(t, apptest.Start(t, c.module, mode)) })
			})
		})
	}
}

// routed is a module that declares routes.
func routed(declare func(r *routing.Route)) app.Module {
	return func(a *app.Application) { routing.Routes(a, declare) }
}

// expect checks a whole response.
func expect(t *testing.T, response *http.Response, status int, text string) {
	t.Helper()
	assert.Equal(t, status, response.StatusCode)
	assert.Equal(t, text, apptest.Text(t, response))
}

// gets is the test of a case that is answered with text.
func gets(path string, status int, text string) func(*testing.T, *apptest.Host) {
	return func(t *testing.T, host *apptest.Host) {
		t.Helper()
		expect(t, host.Get(path), status, text)
	}
}

// raw sends text over a connection of its own and returns what comes back until
// the server closes it.
func raw(t *testing.T, host *apptest.Host, text string) string {
	t.Helper()
	conn := host.Dial()
	_, err := conn.Write([]byte(text))
	require.NoError(t, err)
	var answer strings.Builder
	buffer := make([]byte, 4096)
	for {
		n, err := conn.Read(buffer)
		answer.Write(buffer[:n])
		if err != nil {
			return answer.String()
		}
	}
}

// firstSecondError answers with a stream that fails in its middle.
func firstSecondError(c *app.Call) error {
	return c.Respond(app.Stream(func(w http.ResponseWriter) error {
		_, err := io.WriteString(w, "first\nsecond\n")
		return errors.Join(err, http.NewResponseController(w).Flush(), errBroken)
	}))
}
