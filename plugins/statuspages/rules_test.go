package statuspages_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// coded is an interface for errors that know their status.
type coded interface {
	error
	StatusCode() int
}

// chosen is an error that becomes another one when it is asked.
type chosen struct{}

func (chosen) Error() string { return "chosen" }

func (chosen) As(target any) bool {
	if found, ok := target.(*validationError); ok {
		found.code = "converted"
		return true
	}
	return false
}

func handler[E error](name string) func(*app.Call, E) error {
	return func(c *app.Call, cause E) error { return c.RespondText(fmt.Sprintf("%s: %v", name, cause)) }
}

// teapot is an error that knows its status and is nothing else.
type teapot struct{}

func (teapot) Error() string   { return "teapot" }
func (teapot) StatusCode() int { return 418 }

// shown gives a cause a status, as Receive does.
func shown(cause error) error { return &app.Error{Status: 400, Err: cause} }

// TestMostSpecificHandler: every rule is installed in two orders, and which one
// is taken does not depend on that.
func TestMostSpecificHandler(t *testing.T) {
	errSentinel := errors.New("sentinel")
	rules := []func(*statuspages.Config){
		func(c *statuspages.Config) { statuspages.Exception(c, handler[error]("error")) },
		func(c *statuspages.Config) { statuspages.Exception(c, handler[net.Error]("net.Error")) },
		func(c *statuspages.Config) { statuspages.Exception(c, handler[coded]("coded")) },
		func(c *statuspages.Config) { statuspages.Exception(c, handler[validationError]("validation")) },
		func(c *statuspages.Config) { statuspages.Exception(c, handler[*fs.PathError]("path")) },
		func(c *statuspages.Config) { statuspages.Exception(c, handler[*illegalStateError]("state")) },
		func(c *statuspages.Config) { statuspages.Exception(c, handler[*app.PanicError]("panic")) },
		func(c *statuspages.Config) { statuspages.Exception(c, handler[*app.Error]("shown")) },
		func(c *statuspages.Config) {
			c.ExceptionFunc(func(cause error) bool { return errors.Is(cause, errSentinel) }, handler[error]("sentinel"))
		},
	}
	path := &fs.PathError{Op: "open", Path: "x", Err: &illegalStateError{"inner"}}
	for name, test := range map[string]struct {
		handler app.Handler
		want    string
	}{
		"nothing but an error":           {failing(errors.New("plain")), "error: plain"},
		"interface":                      {failing(&net.DNSError{Err: "down", Name: "host"}), "net.Error: lookup host: down"},
		"wrapped interface":              {failing(fmt.Errorf("w: %w", teapot{})), "coded: teapot"},
		"shown":                          {failing(app.NewError(404, "gone")), "shown: 404 gone"},
		"shown and wrapped":              {failing(fmt.Errorf("w: %w", app.NewError(404, "gone"))), "shown: 404 gone"},
		"shown without a known cause":    {failing(shown(errors.New("plain"))), "shown: 400 Bad Request: plain"},
		"the cause of what is shown":     {failing(shown(validationError{"7"})), "validation: invalid: 7"},
		"deep behind what is shown":      {failing(fmt.Errorf("a: %w", shown(fmt.Errorf("b: %w", validationError{"7"})))), "validation: invalid: 7"},
		"behind two that are shown":      {failing(shown(shown(validationError{"7"}))), "validation: invalid: 7"},
		"joined behind what is shown":    {failing(shown(errors.Join(errors.New("a"), validationError{"7"}))), "validation: invalid: 7"},
		"joined before what is shown":    {failing(errors.Join(validationError{"7"}, app.NewError(404, "gone"))), "validation: invalid: 7"},
		"joined after what is shown":     {failing(errors.Join(app.NewError(404, "gone"), validationError{"7"})), "validation: invalid: 7"},
		"shown, and an interface":        {failing(shown(&net.DNSError{Err: "down", Name: "host"})), "net.Error: lookup host: down"},
		"shown, and one that it is":      {failing(shown(teapot{})), "shown: 400 Bad Request: teapot"},
		"shown by an outer type":         {failing(&fs.PathError{Op: "open", Path: "x", Err: app.NewError(404, "gone")}), "path: open x: 404 gone"},
		"a panic with what is shown":     {func(*app.Call) error { panic(shown(validationError{"7"})) }, "panic: panic: 400 Bad Request: invalid: 7"},
		"concrete type":                  {failing(validationError{"7"}), "validation: invalid: 7"},
		"wrapped":                        {failing(fmt.Errorf("w: %w", validationError{"7"})), "validation: invalid: 7"},
		"joined":                         {failing(errors.Join(errors.New("a"), validationError{"7"})), "validation: invalid: 7"},
		"the outer of two":               {failing(path), "path: open x: inner"},
		"the first of two":               {failing(errors.Join(&illegalStateError{"first"}, path)), "state: first"},
		"joined behind a wrapper":        {failing(fmt.Errorf("%w and %w", errors.New("a"), path)), "path: open x: inner"},
		"converted":                      {failing(fmt.Errorf("w: %w", chosen{})), "validation: invalid: converted"},
		"picked by a function":           {failing(errors.Join(validationError{"7"}, errSentinel)), "sentinel: invalid: 7\nsentinel"},
		"panic":                          {func(*app.Call) error { panic("oops") }, "panic: panic: oops"},
		"panic with an error":            {func(*app.Call) error { panic(validationError{"7"}) }, "panic: panic: invalid: 7"},
		"concrete type before interface": {failing(&app.Error{Status: 400, Err: validationError{"7"}}), "validation: invalid: 7"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, backward := range []bool{false, true} {
				host := serve(t, func(c *statuspages.Config) {
					for i := range rules {
						if backward {
							i = len(rules) - 1 - i
						}
						rules[i](c)
					}
				}, func(r *routing.Route) { r.Get("/", test.handler) })
				expect(t, host, "/", 200, test.want)
			}
		})
	}
}

func TestLastHandlerForATypeCounts(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		statuspages.Exception(c, handler[error]("first"))
		statuspages.Exception(c, handler[error]("last"))
		statuspages.Exception(c, handler[validationError]("first"))
		statuspages.Exception(c, handler[validationError]("last"))
		c.Status(404, func(c *app.Call, _ int) error { return c.RespondText("first") })
		c.Status(404, func(c *app.Call, _ int) error { return c.RespondText("last") })
		c.Unhandled(func(c *app.Call) error { return c.RespondText("first") })
		c.Unhandled(func(*app.Call) error { return nil })
	}, func(r *routing.Route) {
		r.Get("/error", failing(errors.New("x")))
		r.Get("/type", failing(validationError{"7"}))
	})
	expect(t, host, "/error", 200, "last: x")
	expect(t, host, "/type", 200, "last: invalid: 7")
	expect(t, host, "/missing", 404, "last")
}

// Errors of middlewares, hooks and work of the call are errors of the call.
func TestErrorsFromEverywhere(t *testing.T) {
	broken := validationError{"7"}
	for name, spoil := range map[string]func(a *app.Application, r *routing.Route){
		"handler": func(_ *app.Application, r *routing.Route) { r.Get("/", failing(broken)) },
		"work": func(_ *app.Application, r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				c.Go(func(context.Context) error { return broken })
				return nil
			})
		},
		"interceptor on the application": func(a *app.Application, _ *routing.Route) {
			a.Intercept(app.PhaseSetup, func(app.Handler) app.Handler { return failing(broken) })
		},
		"interceptor on a route": func(_ *app.Application, r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText("answer") }).
				Intercept(app.PhaseCall, func(app.Handler) app.Handler { return failing(broken) })
		},
		"hook of a respond": func(a *app.Application, r *routing.Route) {
			a.InterceptSend(app.SendRender, func(_ *app.Call, out *app.Outgoing) error {
				if _, isText := out.Value.(string); isText {
					return broken
				}
				return nil
			})
			r.Get("/", func(c *app.Call) error { return c.RespondText("answer") })
		},
		"handler that has answered": func(_ *app.Application, r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				c.Header().Set("ETag", `"of the answer"`)
				_ = c.RespondText("answer")
				return broken
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				module(func(c *statuspages.Config) {
					c.Status(418, page)
					statuspages.Exception(c, func(c *app.Call, cause validationError) error {
						c.SetStatus(418)
						return c.RespondBytes([]byte(cause.code))
					})
				}, func(r *routing.Route) { spoil(a, r) })(a)
			})
			response := host.Get("/")
			assert.Equal(t, 418, response.StatusCode)
			assert.Equal(t, "7", apptest.Text(t, response))
			assert.Empty(t, response.Header["Etag"])
		})
	}
}

// An error that is handled is the handler's to log; a panic is a bug, and
// logged with its stack.
func TestLog(t *testing.T) {
	log := &logbook{}
	host := apptest.Start(t, module(func(c *statuspages.Config) {
		statuspages.Exception(c, handler[error]("handled"))
	}, func(r *routing.Route) {
		r.Get("/error", failing(errors.New("an ordinary error")))
		r.Get("/panic", func(*app.Call) error { panic("an extraordinary one") })
	}), apptest.Engine(engine.Logger(log.logger())))
	expect(t, host, "/error", 200, "handled: an ordinary error")
	assert.NotContains(t, log.String(), "ordinary error")
	expect(t, host, "/panic", 200, "handled: panic: an extraordinary one")
	assert.Contains(t, log.String(), "an extraordinary one")
	assert.Contains(t, log.String(), "rules_test.go")
}

// A handler that does not respond has not handled the error: it is answered as
// without the plugin, and may have its page.
func TestHandlerOfAnErrorThatDoesNotRespond(t *testing.T) {
	for status, text := range map[int]string{500: "page Internal Server Error", 503: "Internal Server Error"} {
		host := serve(t, func(c *statuspages.Config) {
			c.Status(status, page)
			statuspages.Exception(c, func(*app.Call, error) error { return nil })
		}, func(r *routing.Route) { r.Get("/", failing(errors.New("broken"))) })
		expect(t, host, "/", 500, text)
	}
}

func TestUnhandledFails(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		c.Unhandled(func(*app.Call) error { return validationError{"7"} })
		statuspages.Exception(c, func(c *app.Call, cause validationError) error { return respond(c, 418, cause.code) })
	}, nil)
	expect(t, host, "/", 418, "7")
}

// What nobody has answered keeps the status that routing has found for it, and
// has a page by status as well.
func TestUnhandledKeepsTheStatus(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		c.Unhandled(func(c *app.Call) error { return c.RespondText("unhandled") })
		c.Status(405, page)
	}, func(r *routing.Route) {
		r.Post("/post", func(c *app.Call) error { return c.RespondText("posted") })
	})
	expect(t, host, "/missing", 404, "unhandled")
	expect(t, host, "/post", 405, "page Method Not Allowed")
}
