package app_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// statusWriter is the writer of a logging middleware.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// logging is a middleware that notes the status it has seen.
func logging(seen *journal) func(http.Handler) http.Handler {
	return middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		logged := &statusWriter{ResponseWriter: w}
		next.ServeHTTP(logged, r)
		seen.add(fmt.Sprint("logged ", logged.status))
	})
}

func TestMiddlewareSeesTheStatusOfAnError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler app.Handler
		pages   bool
		want    string
	}{
		"error":              {func(*app.Call) error { return app.NewError(409, "") }, false, "logged 409"},
		"panic":              {func(*app.Call) error { panic("out of order") }, false, "logged 500"},
		"answered by a hook": {func(*app.Call) error { return errBroken }, true, "logged 502"},
		"silent":             {func(*app.Call) error { return nil }, false, "logged 404"},
		"no error":           {text("x"), false, "logged 200"},
		"nobody converts":    {func(c *app.Call) error { return c.Respond(1) }, false, "logged 500"},
		"after a status set": {func(c *app.Call) error { c.SetStatus(201); return app.NewError(409, "") }, false, "logged 409"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			a := start(t, func(a *app.Application) {
				a.Use(logging(&seen), logging(&seen))
				if test.pages {
					a.Install(onFailed("Pages", func(c *app.Call, _ error) error {
						c.SetStatus(http.StatusBadGateway)
						return c.RespondText("page")
					}))
				}
				routes(a, func(root *branch) { root.handle("", test.handler) })
			})
			response := get(t, a, "/")
			assert.Equal(t, []string{test.want, test.want}, seen.all())
			assert.Equal(t, test.want, fmt.Sprint("logged ", response.StatusCode))
		})
	}
}

// TestInterceptorSeesTheErrorThroughMiddlewares: an interceptor outside is told
// the same whether there are middlewares between or not, and the call is
// answered and its hooks run once.
func TestInterceptorSeesTheErrorThroughMiddlewares(t *testing.T) {
	t.Parallel()
	between := map[string][]func(http.Handler) http.Handler{
		"nothing":          nil,
		"a middleware":     {middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) })},
		"wrapping writers": {wrappingWriter, wrappingWriter},
	}
	failures := map[string]struct {
		handler app.Handler
		check   func(t *testing.T, err error)
	}{
		"error": {func(*app.Call) error { return errBroken }, func(t *testing.T, err error) {
			t.Helper()
			assert.Same(t, errBroken, err)
		}},
		"error with a status": {func(*app.Call) error { return app.NewError(404, "no") }, func(t *testing.T, err error) {
			t.Helper()
			assert.EqualError(t, err, "404 no")
		}},
		"panic": {func(*app.Call) error { panic(errBroken) }, func(t *testing.T, err error) {
			t.Helper()
			assert.ErrorIs(t, err, errBroken)
			assert.ErrorAs(t, err, new(*app.PanicError))
		}},
		"none": {text("x"), func(t *testing.T, err error) { t.Helper(); assert.NoError(t, err) }},
	}
	for betweenName, middlewares := range between {
		for failureName, failure := range failures {
			for _, onRoute := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s through %s, on a route: %v", failureName, betweenName, onRoute), func(t *testing.T) {
					t.Parallel()
					var seen journal
					logs := &logbook{}
					a := start(t, logs.module, func(a *app.Application) {
						a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
							return func(c *app.Call) error {
								err := next(c)
								failure.check(t, err)
								assert.Equal(t, c.Answered(), failureName == "none" || len(middlewares) > 0)
								seen.add("interceptor")
								return err
							}
						})
						a.Install(onFailed("Failed", func(_ *app.Call, err error) error {
							failure.check(t, err)
							seen.add("failed")
							return nil
						}))
						routes(a, func(root *branch) {
							root.at("leaf", func(leaf *branch) {
								if onRoute {
									leaf.Use(middlewares...)
								} else {
									root.Use(middlewares...)
								}
								leaf.handle("", failure.handler)
							})
						})
					})
					get(t, a, "/leaf")
					if failureName == "none" {
						assert.Equal(t, []string{"interceptor"}, seen.all())
						assert.Empty(t, logs.all())
						return
					}
					assert.ElementsMatch(t, []string{"interceptor", "failed"}, seen.all())
					assert.Len(t, logs.all(), 1)
				})
			}
		}
	}
}

// TestInterceptorDropsAnError: it has been answered, so that dropping it
// changes nothing; without a middleware between, the call is unanswered.
func TestInterceptorDropsAnError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		middlewares []func(http.Handler) http.Handler
		status      int
	}{"answered": {[]func(http.Handler) http.Handler{wrappingWriter}, 409}, "not answered": {nil, 404}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, func(a *app.Application) {
				a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
					return func(c *app.Call) error { _ = next(c); return nil }
				})
			}, using(test.middlewares...), answering(func(*app.Call) error { return app.NewError(409, "taken") }))
			assert.Equal(t, test.status, get(t, a, "/").StatusCode)
		})
	}
}

func TestPanicsInMiddlewares(t *testing.T) {
	t.Parallel()
	panics := map[string]func(w http.ResponseWriter, r *http.Request, next http.Handler){
		"before the rest": func(http.ResponseWriter, *http.Request, http.Handler) { panic(errBroken) },
		"after the rest": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(w, r)
			panic(errBroken)
		},
		"through the rest": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(unwrappingWriter{w}, r.WithContext(r.Context()))
			panic(errBroken)
		},
	}
	for name, run := range panics {
		for _, outer := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, inside another: %v", name, outer), func(t *testing.T) {
				t.Parallel()
				logs := &logbook{}
				var seen journal
				a := start(t, logs.module, func(a *app.Application) {
					if outer {
						a.Use(logging(&seen))
					}
					a.Use(middleware(run))
				}, answering(text("x")))
				for range 2 { // the first leaves nothing behind
					response := get(t, a, "/")
					assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
					assert.Equal(t, "Internal Server Error", body(t, response))
				}
				require.Len(t, logs.at(slog.LevelError), 2)
				assert.Contains(t, logs.all()[0].attributes["stack"], "middleware_error_test.go")
			})
		}
	}
}

// TestSecondErrorIsLogged: an error that comes after another was answered
// cannot be answered, and must not be lost.
func TestSecondErrorIsLogged(t *testing.T) {
	t.Parallel()
	second := errors.New("second")
	for name, module := range map[string]app.Module{
		"panic in a middleware": using(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(w, r)
			panic(second)
		})),
		"error of an interceptor": func(a *app.Application) {
			a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
				return func(c *app.Call) error { _ = next(c); return second }
			})
			a.Use(wrappingWriter)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logs := &logbook{}
			a := start(t, logs.module, module, answering(func(*app.Call) error { return app.NewError(404, "first") }))
			response := get(t, a, "/")
			assert.Equal(t, http.StatusNotFound, response.StatusCode)
			assert.Equal(t, "first", body(t, response))
			require.Len(t, logs.at(slog.LevelError), 1)
			assert.Contains(t, logs.at(slog.LevelError)[0].attributes["error"], "second")
		})
	}
}

// TestMiddlewareAborts: what a middleware wants cut is cut, whatever was
// answered inside.
func TestMiddlewareAborts(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]app.Handler{
		"an answer": text("x"), "an error": func(*app.Call) error { return errBroken },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.True(t, cuts(start(t, using(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				next.ServeHTTP(w, r)
				panic(http.ErrAbortHandler)
			})), answering(handler)), "/"))
		})
	}
}
