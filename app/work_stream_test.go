package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// TestGoBesideAStream: work feeds the stream, and its error is that of the
// call: the body is cut if it is not whole.
func TestGoBesideAStream(t *testing.T) {
	for name, test := range map[string]struct {
		work func(ctx context.Context, lines chan<- string) error
		text string
		cut  bool
	}{
		"ends": {func(_ context.Context, lines chan<- string) error {
			for i := range 3 {
				lines <- fmt.Sprint(i)
				time.Sleep(time.Second)
			}
			return nil
		}, "012", false},
		"fails":  {func(_ context.Context, lines chan<- string) error { lines <- "0"; return errBroken }, "0", true},
		"panics": {func(_ context.Context, lines chan<- string) error { lines <- "0"; panic(errBroken) }, "0", true},
		"aborts": {func(_ context.Context, lines chan<- string) error { lines <- "0"; panic(http.ErrAbortHandler) }, "0", true},
	} {
		t.Run(name, func(t *testing.T) {
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				synctest.Test(t, func(t *testing.T) {
					host := apptest.Start(t, answering(func(c *app.Call) error {
						lines := make(chan string)
						c.Go(func(ctx context.Context) error {
							defer close(lines)
							return test.work(ctx, lines)
						})
						for line := range lines {
							if err := flushedText(c, line); err != nil {
								return err
							}
						}
						return nil
					}), mode)
					data, err := io.ReadAll(host.Get("/").Body)
					assert.Equal(t, test.text, string(data))
					assert.Equal(t, test.cut, err != nil)
				})
			})
		})
	}
}

// TestGoBesideAWholeAnswer: what has left stands, and what has not is replaced.
func TestGoBesideAWholeAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		respond app.Handler
		status  int
	}{
		"held": {text("hello"), 500},
		"left": {func(c *app.Call) error {
			return errors.Join(c.RespondText("hello"), http.NewResponseController(c.Writer()).Flush())
		}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logs := &logbook{}
			a := start(t, logs.module, answering(func(c *app.Call) error {
				c.Go(func(ctx context.Context) error { <-ctx.Done(); return errBroken })
				return test.respond(c)
			}))
			assert.Equal(t, test.status, get(t, a, "/").StatusCode)
			require.Len(t, logs.at(slog.LevelError), 1)
		})
	}
}

// TestGoBesideAnEventStream: the session's end ends the work, and the call
// waits for it.
func TestGoBesideAnEventStream(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			var seen journal
			host := apptest.Start(t, func(a *app.Application) {
				a.Install(sse.Plugin)
				a.Install(onSent("Sent", func(*app.Call) { seen.add("sent") }))
				routing.Routes(a, func(r *routing.Route) {
					r.SSE("/events", func(s *sse.Session) error {
						s.Call().Go(func(ctx context.Context) error {
							<-ctx.Done()
							time.Sleep(time.Second)
							seen.add("work")
							return ctx.Err()
						})
						return s.SendText("only")
					})
				})
			}, mode)
			began := time.Now()
			expect(t, host.Get("/events"), 200, "data: only\r\n\r\n")
			assert.Equal(t, time.Second, time.Since(began))
			synctest.Wait()
			assert.Equal(t, []string{"work", "sent"}, seen.all())
		})
	})
}

// TestGoWaitsForAllAndKeepsTheFirstError: the first error counts, all are
// waited for, and work may start work.
func TestGoWaitsForAllAndKeepsTheFirstError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen journal
		logs := &logbook{}
		after := func(wait time.Duration, name string, err error) func(context.Context) error {
			return func(context.Context) error {
				time.Sleep(wait)
				seen.add(name)
				return err
			}
		}
		a := start(t, logs.module, answering(func(c *app.Call) error {
			c.Go(after(3*time.Second, "third", app.NewError(403, "")))
			c.Go(after(time.Second, "first", app.NewError(401, "")))
			c.Go(after(2*time.Second, "second", app.NewError(402, "")))
			c.Go(after(4*time.Second, "fourth", nil))
			return nil
		}))
		began := time.Now()
		assert.Equal(t, 401, get(t, a, "/").StatusCode)
		assert.Equal(t, 4*time.Second, time.Since(began))
		assert.Equal(t, []string{"first", "second", "third", "fourth"}, seen.all())
		require.Len(t, logs.all(), 1)
	})
}

// TestGoThatEndsWithItsContext: an error that says no more than that fails
// nobody, one of another context does.
func TestGoThatEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		work   func(ctx context.Context) error
		status int
	}{
		"its own":         {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 200},
		"its own wrapped": {func(ctx context.Context) error { <-ctx.Done(); return fmt.Errorf("wait: %w", ctx.Err()) }, 200},
		"below": {func(ctx context.Context) error {
			below, end := context.WithCancel(ctx)
			defer end()
			<-below.Done()
			return below.Err()
		}, 200},
		"another one": {func(context.Context) error { return context.Canceled }, 500},
		"a time-out": {func(ctx context.Context) error {
			below, end := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer end()
			<-below.Done()
			return below.Err()
		}, 504},
		"something else after it": {func(ctx context.Context) error { <-ctx.Done(); return app.NewError(409, "") }, 409},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := start(t, answering(func(c *app.Call) error {
					c.Go(test.work)
					synctest.Wait()
					return c.RespondText("hello")
				}))
				assert.Equal(t, test.status, get(t, a, "/").StatusCode)
			})
		})
	}
}

// TestGoOfACallAtStop: the context of the work ends with the grace period.
func TestGoOfACallAtStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, answering(func(c *app.Call) error {
			c.Go(func(ctx context.Context) error {
				<-ctx.Done()
				assert.ErrorIs(t, context.Cause(ctx), app.ErrStopping)
				return ctx.Err()
			})
			<-c.Context().Done()
			return c.Context().Err()
		}), apptest.Engine(engine.ShutdownGrace(3*time.Second)))
		status := make(chan int, 1)
		go func() {
			response, err := host.Client().Get(host.URL)
			if assert.NoError(t, err) {
				status <- response.StatusCode
				assert.NoError(t, response.Body.Close())
			}
		}()
		synctest.Wait()
		began := time.Now()
		host.Stop()
		assert.Equal(t, 3*time.Second, time.Since(began))
		assert.Equal(t, http.StatusServiceUnavailable, <-status)
	})
}

// TestGoOfAnApplicationThatPanics: the log has the stack.
func TestGoOfAnApplicationThatPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		logs := &logbook{}
		a := start(t, logs.module)
		a.Go(func(context.Context) error { panic("out of order") })
		synctest.Wait()
		require.Len(t, logs.at(slog.LevelError), 1)
		logged := logs.at(slog.LevelError)[0]
		assert.Equal(t, "panic: out of order", logged.attributes["error"])
		assert.Contains(t, logged.attributes["stack"], "work_stream_test.go")
	})
}

// TestGoOfAnApplicationThatDoesNotStart: what a module has begun ends with the
// start.
func TestGoOfAnApplicationThatDoesNotStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen journal
		logs := &logbook{}
		work := func(ctx context.Context) error { <-ctx.Done(); seen.add("ended"); return ctx.Err() }
		a := app.New(logs.module, func(a *app.Application) { a.Go(work); a.Fail(errBroken) })
		require.ErrorIs(t, a.Start(t.Context()), errBroken)
		assert.Equal(t, []string{"ended"}, seen.all())
		a.Go(work)
		synctest.Wait()
		assert.Equal(t, []string{"ended"}, seen.all())
		assert.Len(t, logs.at(slog.LevelError), 1)
	})
}

// TestGoWhileTheApplicationStops: calls of the grace period may still begin
// work, the end of the work may not.
func TestGoWhileTheApplicationStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen journal
		a, calls := running(t, 1, func(c *app.Call) error {
			time.Sleep(500 * time.Millisecond)
			c.Application().Go(func(ctx context.Context) error {
				seen.add("in the grace period")
				<-ctx.Done()
				c.Application().Go(func(context.Context) error { seen.add("too late"); return nil })
				return nil
			})
			return c.RespondText("")
		})
		require.NoError(t, a.Stop(t.Context()))
		calls.Wait()
		synctest.Wait()
		assert.Equal(t, []string{"in the grace period"}, seen.all())
	})
}
