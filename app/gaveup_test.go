package app_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// ending returns a middleware that ends the context of the rest after a second,
// as end says, and answers with 504 when the deadline is over, as chi's Timeout
// does.
func ending(end func(context.Context) (context.Context, func())) func(http.Handler) http.Handler {
	return middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		ctx, cancel := end(r.Context())
		defer func() {
			cancel()
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				w.WriteHeader(http.StatusGatewayTimeout)
			}
		}()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// TestWhoGivesUpHasFailed: a handler that has not answered when its context has
// ended fails with what has ended it, whether it returns that or nothing.
func TestWhoGivesUpHasFailed(t *testing.T) {
	wait := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	waitHTTP := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _ = wait(r.Context()) })
	routed := func(handler app.Handler) app.Module {
		return func(a *app.Application) { routes(a, func(root *branch) { root.handle("", handler) }) }
	}
	handlers := map[string]app.Module{
		"returns nothing":   routed(func(c *app.Call) error { _ = wait(c.Context()); return nil }),
		"returns the error": routed(func(c *app.Call) error { return wait(c.Context()) }),
		"is mounted":        routed(app.FromHTTP(waitHTTP)),
		"is a middleware":   using(func(http.Handler) http.Handler { return waitHTTP }),
		"returns nothing inside another": func(a *app.Application) {
			a.Use(wrappingWriter)
			routed(func(c *app.Call) error { _ = wait(c.Context()); return nil })(a)
		},
		"is an interceptor": func(a *app.Application) {
			a.Intercept(app.PhaseCall, func(next app.Handler) app.Handler {
				return func(c *app.Call) error { _ = wait(c.Context()); return next(c) }
			})
		},
	}
	busy := app.NewError(http.StatusTooManyRequests, "busy")
	cancelled := func(ctx context.Context, cause error) (context.Context, func()) {
		ctx, cancel := context.WithCancelCause(ctx)
		timer := time.AfterFunc(time.Second, func() { cancel(cause) })
		return ctx, func() { timer.Stop(); cancel(nil) }
	}
	for name, test := range map[string]struct {
		end  func(context.Context) (context.Context, func())
		stop bool
		want int
	}{
		"a deadline": {func(ctx context.Context) (context.Context, func()) {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			return ctx, cancel
		}, false, 504},
		"a deadline with a cause": {func(ctx context.Context) (context.Context, func()) {
			ctx, cancel := context.WithTimeoutCause(ctx, time.Second, errBroken)
			return ctx, cancel
		}, false, 504},
		"a cancellation": {func(ctx context.Context) (context.Context, func()) { return cancelled(ctx, nil) }, false, 500},
		"the stop":       {func(ctx context.Context) (context.Context, func()) { return ctx, func() {} }, true, 503},
	} {
		for how, handler := range handlers {
			t.Run(name+", the handler "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					host := apptest.Start(t, func(a *app.Application) {
						a.Use(ending(test.end))
						handler(a)
					})
					if test.stop {
						time.AfterFunc(time.Second, host.Stop)
					}
					assert.Equal(t, test.want, host.Get("/").StatusCode)
				})
			})
		}
	}
	t.Run("a cancellation with a status of its own", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				a.Use(ending(func(ctx context.Context) (context.Context, func()) { return cancelled(ctx, busy) }))
				handlers["returns nothing"](a)
			})
			response := host.Get("/")
			assert.Equal(t, http.StatusTooManyRequests, response.StatusCode)
			assert.Equal(t, "busy", apptest.Text(t, response))
		})
	})
}

// TestWhoGivesUpForAClientThatHasGoneAnswersNobody, and nothing is logged of a
// handler that does not answer.
func TestWhoGivesUpForAClientThatHasGoneAnswersNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failure error
		host := apptest.Start(t, func(a *app.Application) {
			answering(func(c *app.Call) error { <-c.Context().Done(); return nil })(a)
			a.Install(onSent("Sent", func(c *app.Call) { failure = c.Failure() }))
		})
		conn := host.Dial()
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		synctest.Wait()
		_ = conn.Close()
		synctest.Wait()
		assert.ErrorIs(t, failure, context.Canceled)
		assert.Empty(t, host.Log().Find("without responding"))
	})
}

// TestAStatusIsAnAnswer: who has set one and returns has not given up.
func TestAStatusIsAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Use(ending(func(ctx context.Context) (context.Context, func()) {
				ctx, cancel := context.WithTimeout(ctx, time.Second)
				return ctx, cancel
			}))
			routes(a, func(root *branch) {
				root.handle("", func(c *app.Call) error {
					c.SetStatus(http.StatusAccepted)
					<-c.Context().Done()
					return nil
				})
			})
		})
		assert.Equal(t, http.StatusAccepted, host.Get("/").StatusCode)
	})
}
