package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// codedError is an error of somebody else's that knows its status.
type codedError int

func (e codedError) Error() string   { return "secret of the coded error" }
func (e codedError) StatusCode() int { return int(e) }

func TestErrorsBecomeAnswers(t *testing.T) {
	t.Parallel()
	secret := errors.New("secret")
	for name, test := range map[string]struct {
		err    error
		status int
		text   string
		level  slog.Level
	}{
		"any error":                {secret, 500, "Internal Server Error", slog.LevelError},
		"Error with a message":     {app.NewError(400, "name is missing"), 400, "name is missing", slog.LevelDebug},
		"Error without a message":  {app.NewError(404, ""), 404, "Not Found", slog.LevelDebug},
		"Error with a cause":       {&app.Error{Status: 409, Message: "taken", Err: secret}, 409, "taken", slog.LevelDebug},
		"zero Error":               {&app.Error{}, 500, "Internal Server Error", slog.LevelError},
		"Error of the server":      {app.NewError(502, "the other one is down"), 502, "the other one is down", slog.LevelError},
		"Error on purpose":         {app.NewError(503, "come back later"), 503, "come back later", slog.LevelDebug},
		"busy for a cause":         {&app.Error{Status: 503, Err: io.ErrUnexpectedEOF}, 503, "Service Unavailable", slog.LevelError},
		"wrapped Error":            {fmt.Errorf("secret: %w", app.NewError(422, "too old")), 422, "too old", slog.LevelDebug},
		"Error around another":     {&app.Error{Status: 400, Err: app.NewError(404, "inner")}, 400, "Bad Request", slog.LevelDebug},
		"StatusCode":               {codedError(418), 418, "I'm a teapot", slog.LevelDebug},
		"wrapped StatusCode":       {fmt.Errorf("secret: %w", codedError(403)), 403, "Forbidden", slog.LevelDebug},
		"joined StatusCode":        {errors.Join(secret, codedError(410)), 410, "Gone", slog.LevelDebug},
		"StatusCode around Error":  {errors.Join(codedError(403), app.NewError(404, "not for all")), 403, "Forbidden", slog.LevelDebug},
		"StatusCode too small":     {codedError(42), 500, "Internal Server Error", slog.LevelError},
		"just too small":           {codedError(199), 500, "Internal Server Error", slog.LevelError},
		"smallest StatusCode":      {codedError(200), 200, "OK", slog.LevelDebug},
		"largest StatusCode":       {app.NewError(999, "x"), 999, "x", slog.LevelError},
		"StatusCode informational": {codedError(103), 500, "Internal Server Error", slog.LevelError},
		"StatusCode too large":     {codedError(1000), 500, "Internal Server Error", slog.LevelError},
		"MaxBytesError":            {&http.MaxBytesError{Limit: 1}, 413, "Request Entity Too Large", slog.LevelDebug},
		"deadline exceeded":        {fmt.Errorf("query: %w", context.DeadlineExceeded), 504, "Gateway Timeout", slog.LevelError},
		"application is stopping":  {fmt.Errorf("query: %w", app.ErrStopping), 503, "Service Unavailable", slog.LevelError},
		"canceled by nobody":       {context.Canceled, 500, "Internal Server Error", slog.LevelError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logs := &logbook{}
			a := start(t, logs.module, answering(func(*app.Call) error { return test.err }))
			response := get(t, a, "/path")
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.text, body(t, response))
			assert.Equal(t, "text/plain; charset=UTF-8", response.Header.Get("Content-Type"))
			require.Len(t, logs.all(), 1)
			logged := logs.all()[0]
			assert.Equal(t, test.level, logged.level)
			assert.Equal(t, "the call failed", logged.message)
			assert.Equal(t, map[string]string{
				"error": test.err.Error(), "status": fmt.Sprint(test.status), "method": "GET", "path": "/path", "route": "",
			}, logged.attributes)
		})
	}
}

func TestErrorsInDevelopment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err    error
		status int
		text   string
	}{
		"any error":            {errors.New("no such table"), 500, "no such table"},
		"Error with a message": {&app.Error{Status: 400, Message: "shown", Err: errors.New("logged")}, 400, "shown"},
		"StatusCode":           {fmt.Errorf("load: %w", codedError(403)), 403, "load: secret of the coded error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, answering(func(*app.Call) error { return test.err }), func(a *app.Application) {
				a.Configure(func(c *app.Config) { c.Development = true })
			})
			response := get(t, a, "/")
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.text, body(t, response))
		})
	}
}

func TestErrorNamesItsStatus(t *testing.T) {
	t.Parallel()
	cause := errors.New("EOF")
	assert.EqualError(t, app.NewError(400, "bad name"), "400 bad name")
	assert.EqualError(t, app.NewError(404, ""), "404 Not Found")
	assert.EqualError(t, &app.Error{Err: cause}, "500 Internal Server Error: EOF")
	assert.ErrorIs(t, &app.Error{Err: cause}, cause)
	assert.NoError(t, app.NewError(404, "").Unwrap())
	assert.Equal(t, 404, app.NewError(404, "").StatusCode())
}

func TestBodyOverTheLimit(t *testing.T) {
	t.Parallel()
	a := start(t, answering(func(c *app.Call) error {
		_, err := io.ReadAll(http.MaxBytesReader(c.Writer(), c.Request.Body, 4))
		return err
	}))
	response := do(t, a, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("12345")))
	assert.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
}

func TestPanicIsAServerErrorWithALoggedStack(t *testing.T) {
	t.Parallel()
	cause := app.NewError(404, "not shown: a panic is the server's fault")
	for name, test := range map[string]struct {
		value any
		want  string
	}{
		"a text":   {"out of order", "panic: out of order"},
		"an error": {cause, "panic: " + cause.Error()},
		"nil":      {nil, "panic called with nil argument"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logs := &logbook{}
			a := start(t, logs.module, answering(func(*app.Call) error { panic(test.value) }))
			response := get(t, a, "/")
			assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
			assert.Equal(t, "Internal Server Error", body(t, response))
			require.Len(t, logs.all(), 1)
			logged := logs.all()[0]
			assert.Equal(t, slog.LevelError, logged.level)
			assert.Contains(t, logged.attributes["error"], test.want)
			assert.NotContains(t, logged.attributes["error"], "goroutine", "the stack has a place of its own")
			assert.Contains(t, logged.attributes["stack"], "app/error_test.go")
		})
	}
}

func TestPanicErrorUnwrapsToAPanickingError(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	assert.ErrorIs(t, &app.PanicError{Value: cause}, cause)
	assert.NoError(t, (&app.PanicError{Value: "text"}).Unwrap())
	assert.EqualError(t, &app.PanicError{Value: 7}, "panic: 7")
}

func TestAbortHandlerCuts(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]app.Handler{
		"panic":              func(*app.Call) error { panic(http.ErrAbortHandler) },
		"wrapped panic":      func(*app.Call) error { panic(fmt.Errorf("proxy: %w", http.ErrAbortHandler)) },
		"error":              func(*app.Call) error { return http.ErrAbortHandler },
		"after an answer":    func(c *app.Call) error { _ = c.RespondText("x"); return http.ErrAbortHandler },
		"after held bytes":   func(c *app.Call) error { _, _ = io.WriteString(c.Writer(), "x"); panic(http.ErrAbortHandler) },
		"of a mounted proxy": app.FromHTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logs := &logbook{}
			var sent journal
			a := start(t, logs.module, answering(handler), func(a *app.Application) {
				a.Install(app.NewPlugin("Sent", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
					b.OnResponseSent(func(*app.Call) { sent.add("sent") })
					return nil
				}))
			})
			recorder := httptest.NewRecorder()
			require.PanicsWithValue(t, http.ErrAbortHandler, func() {
				a.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
			})
			assert.Empty(t, recorder.Body.String(), "nothing that was held leaves")
			assert.Empty(t, logs.all(), "net/http asks for silence")
			assert.Equal(t, []string{"sent"}, sent.all(), "it is raised when every hook has returned")
		})
	}
}

func TestSilentHandlerIsNotFoundOrTheStatusSet(t *testing.T) {
	t.Parallel()
	logs := &logbook{}
	silent := func(c *app.Call) error { c.Header().Set("X-Kept", "kept"); return nil }
	a := start(t, logs.module, func(a *app.Application) {
		routes(a, func(root *branch) {
			root.handle("a", silent)
			root.handle("b", silent)
			root.handle("gone", func(c *app.Call) error { c.SetStatus(http.StatusGone); return silent(c) })
			root.handle("accepted", func(c *app.Call) error { c.SetStatus(http.StatusAccepted); return nil })
			root.handle("again", func(c *app.Call) error { c.SetStatus(http.StatusGone); c.SetStatus(0); return nil })
		})
	})
	for range 3 {
		for path, want := range map[string]int{
			"/a": 404, "/b": 404, "/nowhere": 404, "/gone": 410, "/accepted": 202, "/again": 404,
		} {
			response := get(t, a, path)
			assert.Equal(t, want, response.StatusCode, path)
			assert.Empty(t, body(t, response), path)
		}
	}
	assert.Equal(t, "kept", get(t, a, "/a").Header.Get("X-Kept"))
	assert.Equal(t, "kept", get(t, a, "/gone").Header.Get("X-Kept"))
	warned := map[string]int{}
	for _, entry := range logs.all() {
		assert.Equal(t, slog.LevelWarn, entry.level)
		assert.Contains(t, entry.message, "a handler returned without responding")
		warned[entry.attributes["route"]]++
	}
	assert.Equal(t, map[string]int{"/a": 1, "/b": 1, "/again": 1}, warned)
}

func TestSecondRespondIsAnError(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]func(c *app.Call) error{
		"text":   func(c *app.Call) error { return c.RespondText("second") },
		"bytes":  func(c *app.Call) error { return c.RespondBytes([]byte("second")) },
		"status": func(c *app.Call) error { return c.RespondStatus(http.StatusTeapot) },
		"stream": func(c *app.Call) error {
			return c.Respond(app.Stream(func(http.ResponseWriter) error { return errors.New("must not run") }))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ignore := true
			a := start(t, answering(func(c *app.Call) error {
				require.NoError(t, c.RespondText("first"))
				err := second(c)
				require.ErrorIs(t, err, app.ErrAnswered)
				require.EqualError(t, err, "respond: call is answered already, with 200: return after the first answer")
				if ignore {
					return nil
				}
				return err
			}))
			response := get(t, a, "/")
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, "first", body(t, response), "the first answer stands")
			ignore = false
			response = get(t, a, "/")
			assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
		})
	}
}
