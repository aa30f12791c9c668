package statuspages_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// The tests of this file are those of Ktor's StatusPagesTest, under their
// names.

// The types of errors that they throw.
type (
	illegalStateError    struct{ message string }
	illegalArgumentError struct{}
	nullPointerError     struct{}
	validationError      struct{ code string }
)

func (e *illegalStateError) Error() string { return e.message }
func (illegalArgumentError) Error() string { return "illegal argument" }
func (nullPointerError) Error() string     { return "null pointer" }
func (e validationError) Error() string    { return "invalid: " + e.code }

func TestStatus404(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, module(func(c *statuspages.Config) {
			c.Status(http.StatusNotFound, func(c *app.Call, status int) error {
				return c.RespondText(fmt.Sprint(status, " ", http.StatusText(status)))
			})
		}, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText("ok") })
			r.Get("/notFound", func(c *app.Call) error { return c.RespondStatus(http.StatusNotFound) })
		}), mode)
		expect(t, host, "/", 200, "ok")
		for _, path := range []string{"/missing", "/notFound"} {
			response := expect(t, host, path, 404, "404 Not Found")
			assert.Equal(t, []string{"text/plain; charset=UTF-8"}, response.Header["Content-Type"])
		}
	})
}

func TestStatusWithContent(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		c.StatusContent(http.StatusNotFound, func(c *app.Call, content *app.Outgoing) error {
			text, whole := content.Bytes()
			return c.RespondText(fmt.Sprintf("%d %q %t %d %s", content.Status, text, whole, content.Length(), content.Header.Get("Content-Type")))
		})
	}, func(r *routing.Route) {
		r.Get("/notFound", func(c *app.Call) error { return respond(c, 404, "Not found") })
	})
	expect(t, host, "/missing", 404, `404 "" true 0 `)
	expect(t, host, "/notFound", 404, `404 "Not found" true 9 text/plain; charset=UTF-8`)
}

func TestStatus404CustomObject(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) { c.Status(404, page) }))
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error {
				c.SetStatus(http.StatusNotFound)
				return c.Respond(strings.NewReader("an object of its own"))
			}
		})
	})
	response := expect(t, host, "/missing", 404, "page Not Found")
	assert.Equal(t, []string{"text/plain; charset=UTF-8"}, response.Header["Content-Type"])
}

func TestStatus404WithInterceptor(t *testing.T) {
	type object struct{}
	host := serve(t, func(c *statuspages.Config) { c.Status(404, page) }, func(r *routing.Route) {
		r.InterceptSend(app.SendTransform, func(_ *app.Call, out *app.Outgoing) error {
			if _, is := out.Value.(object); is {
				out.Value = app.Status(http.StatusNotFound)
			}
			return nil
		})
		r.Get("/", func(c *app.Call) error { return c.Respond(object{}) })
	})
	expect(t, host, "/", 404, "page Not Found")
}

func TestFailPage(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		statuspages.Exception(c, func(c *app.Call, cause error) error { return respond(c, 500, fmt.Sprintf("%T", cause)) })
	}, func(r *routing.Route) {
		r.Get("/iae", failing(illegalArgumentError{}))
		r.Get("/npe", failing(nullPointerError{}))
	})
	expect(t, host, "/iae", 500, "statuspages_test.illegalArgumentError")
	expect(t, host, "/npe", 500, "statuspages_test.nullPointerError")
}

func TestFailPageDuringInterceptor(t *testing.T) {
	type object struct{}
	host := apptest.Start(t, func(a *app.Application) {
		a.InterceptSend(app.SendTransform, func(_ *app.Call, out *app.Outgoing) error {
			if _, is := out.Value.(object); is {
				return &illegalStateError{}
			}
			return nil
		})
		module(func(c *statuspages.Config) {
			statuspages.Exception(c, func(c *app.Call, _ *illegalStateError) error { return respond(c, 500, "illegal state") })
		}, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.Respond(object{}) })
		})(a)
	})
	expect(t, host, "/", 500, "illegal state")
}

func TestErrorDuringStatus(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		c.Status(http.StatusNotFound, func(*app.Call, int) error { return &illegalStateError{} })
		statuspages.Exception(c, func(c *app.Call, cause error) error { return respond(c, 500, fmt.Sprintf("%T", cause)) })
	}, nil)
	expect(t, host, "/", 500, "*statuspages_test.illegalStateError")
}

// In Ktor the interceptor throws after the response, which remains. Here there
// is no answer yet, so the error becomes it, and the handler is not asked about
// its own.
func TestErrorShouldNotRecurse(t *testing.T) {
	calls := 0
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
			statuspages.Exception(c, func(*app.Call, error) error {
				calls++
				return &illegalStateError{"again"}
			})
			c.Status(http.StatusInternalServerError, page)
		}))
		a.Intercept(app.PhaseFallback, func(app.Handler) app.Handler { return failing(nullPointerError{}) })
	})
	expect(t, host, "/", 500, "Internal Server Error")
	assert.Equal(t, 1, calls)
}

func TestErrorFromExceptionContent(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		statuspages.Exception(c, func(c *app.Call, cause validationError) error { return respond(c, 500, cause.code) })
	}, func(r *routing.Route) {
		r.Get("/ve", failing(validationError{"code"}))
	})
	expect(t, host, "/ve", 500, "code")
}

// Work that fails while the handler waits for it fails the call; work that was
// cancelled does not.
func TestErrorInAsync(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		statuspages.Exception(c, func(c *app.Call, _ *illegalStateError) error { return c.RespondText("Async failed") })
		c.ExceptionFunc(func(cause error) bool { return errors.Is(cause, context.Canceled) },
			func(c *app.Call, _ error) error { return c.RespondText("Cancelled") })
	}, func(r *routing.Route) {
		r.Get("/fail", func(c *app.Call) error {
			failed := make(chan struct{})
			c.Go(func(context.Context) error { defer close(failed); return &illegalStateError{} })
			<-failed
			return nil
		})
		r.Get("/cancel", func(c *app.Call) error {
			c.Go(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
			return c.RespondText("OK")
		})
	})
	expect(t, host, "/fail", 200, "Async failed")
	expect(t, host, "/cancel", 200, "OK")
}

// The errors that Ktor throws by itself, and what they are here.
var defaultErrors = map[string]struct {
	err    error
	status int
}{
	"/bad-request":              {app.NewError(http.StatusBadRequest, "Planned failure"), 400},
	"/media-type-not-supported": {app.NewError(http.StatusUnsupportedMediaType, "text/plain"), 415},
	"/not-found":                {app.NewError(http.StatusNotFound, ""), 404},
}

func declareDefaultErrors(r *routing.Route) {
	for path, test := range defaultErrors {
		r.Get(path, failing(test.err))
	}
}

func TestDefaultKtorExceptionWithoutPlugin(t *testing.T) {
	host := serve(t, nil, declareDefaultErrors)
	for path, test := range defaultErrors {
		assert.Equal(t, test.status, host.Get(path).StatusCode, path)
	}
}

func TestDefaultKtorExceptionWithPluginHandlingExceptions(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		for path, test := range defaultErrors {
			c.ExceptionFunc(func(cause error) bool { return errors.Is(cause, test.err) },
				func(c *app.Call, _ error) error { return c.RespondText("handled " + path) })
		}
	}, declareDefaultErrors)
	for path := range defaultErrors {
		expect(t, host, path, 200, "handled "+path)
	}
}

func TestDefaultKtorExceptionWithPluginCustomStatusPages(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		for _, test := range defaultErrors {
			c.Status(test.status, page)
		}
	}, declareDefaultErrors)
	for path, test := range defaultErrors {
		expect(t, host, path, test.status, "page "+http.StatusText(test.status))
	}
}

func TestRoutingNotCalledAfterStatusPages(t *testing.T) {
	throwing := app.NewPlugin("ThrowingPlugin", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.OnCall(failing(app.NewError(http.StatusNotFound, "")))
		return nil
	})
	exceptionHandled, routingHandled := false, false
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(throwing)
		module(func(c *statuspages.Config) {
			statuspages.Exception(c, func(c *app.Call, _ *app.Error) error {
				exceptionHandled = true
				return c.RespondStatus(http.StatusNotFound)
			})
		}, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				routingHandled = true
				return c.RespondStatus(http.StatusOK)
			})
		})(a)
	})
	expect(t, host, "/", 404, "")
	assert.False(t, routingHandled)
	assert.True(t, exceptionHandled)
}

func TestVerify500OnException(t *testing.T) {
	exceptionHandled, routingHandled := false, false
	host := serve(t, func(c *statuspages.Config) {
		statuspages.Exception(c, func(c *app.Call, _ error) error {
			exceptionHandled = true
			return c.RespondStatus(http.StatusInternalServerError)
		})
	}, func(r *routing.Route) {
		r.Get("/", func(*app.Call) error {
			routingHandled = true
			return illegalArgumentError{}
		})
	})
	expect(t, host, "/", 500, "")
	assert.True(t, routingHandled)
	assert.True(t, exceptionHandled)
}

// Go's types of errors have no parents: what is more specific comes in front
// of what it wraps.
type (
	myError    struct{ error }
	superError struct{ error }
)

func (e myError) Unwrap() error    { return e.error }
func (e superError) Unwrap() error { return e.error }

func TestHandleMoreSpecificException(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		statuspages.Exception(c, func(c *app.Call, _ *illegalStateError) error { return c.RespondText("Illegal State") })
		statuspages.Exception(c, func(c *app.Call, _ myError) error { return c.RespondText("MyException") })
	}, func(r *routing.Route) {
		r.Get("/my", failing(myError{&illegalStateError{}}))
		r.Get("/illegal-state", failing(&illegalStateError{}))
		r.Get("/super", failing(superError{myError{&illegalStateError{}}}))
	})
	expect(t, host, "/illegal-state", 200, "Illegal State")
	expect(t, host, "/my", 200, "MyException")
	expect(t, host, "/super", 200, "MyException")
}

// In Ktor this is about CallId, which used to hide the error of another plugin;
// here another one stands for it.
func TestCallIdOnFailed(t *testing.T) {
	broken := app.NewScopedPlugin("x", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.OnCallReceive(func(*app.Call, *app.Incoming) error { return illegalArgumentError{} })
		return nil
	})
	callID := app.NewScopedPlugin("Id", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				c.Header().Set("X-Request-Id", "7")
				return next(c)
			}
		})
		return nil
	})
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(broken)
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
			statuspages.Exception(c, func(c *app.Call, _ illegalArgumentError) error { return respond(c, 500, "Handled") })
		}))
		a.Install(callID)
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				text, err := c.ReceiveText()
				if err != nil {
					return err
				}
				return c.RespondText(text)
			})
		})
	})
	response := expect(t, host, "/", 500, "Handled")
	assert.Equal(t, "7", response.Header.Get("X-Request-Id"))
}

func TestUnhandled(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		c.Unhandled(func(c *app.Call) error { return respond(c, 500, "body") })
	}, func(r *routing.Route) {
		r.Get("/route", func(c *app.Call) error {
			c.Header().Set("Custom-Header", "Custom-Value")
			return nil
		})
		r.Get("/handled", func(c *app.Call) error { return c.RespondText("OK") })
	})
	expect(t, host, "/handled", 200, "OK")
	expect(t, host, "/no-route", 500, "body")
	response := expect(t, host, "/route", 500, "body")
	assert.Equal(t, "Custom-Value", response.Header.Get("Custom-Header"))
}

func TestHeadersOfOutgoingContent(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		c.Status(http.StatusUnauthorized, func(c *app.Call, _ int) error {
			if c.Header().Get("WWW-Authenticate") == "Basic realm=myRealm, charset=UTF-8" {
				return c.RespondStatus(http.StatusOK)
			}
			return c.RespondStatus(http.StatusInternalServerError)
		})
		c.Status(http.StatusOK, func(c *app.Call, _ int) error {
			assert.Equal(t, "Custom-Value-Response", c.Header().Get("Custom-Header-Response"))
			assert.Equal(t, "Custom-Value-Content", c.Header().Get("Custom-Header-Content"))
			return nil
		})
	}, func(r *routing.Route) {
		r.Get("/auth", func(c *app.Call) error {
			c.Header().Set("WWW-Authenticate", "Basic realm=myRealm, charset=UTF-8")
			return c.RespondStatus(http.StatusUnauthorized)
		})
		r.Get("/custom-headers", func(c *app.Call) error {
			c.Header().Set("Custom-Header-Response", "Custom-Value-Response")
			return c.Respond(app.Stream(func(w http.ResponseWriter) error {
				w.Header().Set("Custom-Header-Content", "Custom-Value-Content")
				_, err := io.WriteString(w, "hello world")
				return err
			}))
		})
	})
	expect(t, host, "/auth", 200, "")
	response := expect(t, host, "/custom-headers", 200, "hello world")
	assert.Equal(t, "Custom-Value-Content", response.Header.Get("Custom-Header-Content"))
	assert.Equal(t, "Custom-Value-Response", response.Header.Get("Custom-Header-Response"))
}

func TestCannotTransformContentToTypeException(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		statuspages.Exception(c, func(c *app.Call, cause *app.Error) error {
			return respond(c, cause.StatusCode(), "Custom Unsupported Media Type")
		})
	}, func(r *routing.Route) {
		r.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }))
		r.Post("/", func(c *app.Call) error {
			_, err := app.Receive[struct{ Name string }](c)
			return err
		})
	})
	response := host.Post("/", "text/plain", strings.NewReader("text"))
	assert.Equal(t, http.StatusUnsupportedMediaType, response.StatusCode)
	assert.Equal(t, "Custom Unsupported Media Type", apptest.Text(t, response))
}
