package sse_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestStreamStaysOpenForItsWork(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Go(func(ctx context.Context) error {
					assert.Equal(t, s.Context(), ctx)
					if err := s.Delay(time.Minute); err != nil {
						return err
					}
					s.Go(func(context.Context) error { // started when serve has long returned
						if err := s.Delay(time.Minute); err != nil {
							return err
						}
						return s.SendText("grandchild")
					})
					return s.SendText("child")
				})
				return s.SendText("serve")
			})
		})
		assert.Equal(t, []string{"0s serve", "1m0s child", "2m0s grandchild", "2m0s end"}, timeline(t, h.get("/events")))
	})
}

func TestFirstErrorOfWorkEndsTheSession(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		broken := errors.New("broken")
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) {
			for path, work := range map[string]func(context.Context) error{
				"/error": func(context.Context) error { return broken },
				"/panic": func(context.Context) error { panic(broken) },
			} {
				r.SSE(path, begun(func(s *sse.Session) error {
					s.Go(func(ctx context.Context) error {
						<-ctx.Done()
						return context.Cause(ctx)
					})
					s.Go(work)
					return untilItEnds(ends)(s)
				}))
			}
		})
		for _, path := range []string{"/error", "/panic"} {
			_, err := rest(h.get(path))
			assertCut(t, protocol, err)
			end := <-ends
			assert.ErrorIs(t, end.cause, broken)
			assert.ErrorIs(t, end.sent, broken)
			settle()
			logged := h.log.take("level=ERROR")
			require.Len(t, logged, 1, "logged once")
			assert.Contains(t, logged[0], "event stream of 0s, ")
			assert.Contains(t, logged[0], "broken")
		}
	})
}

// The session has ended already, so only the log shows the errors of its work.
func TestFirstErrorOfWorkStays(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Close()
				for after, text := range map[time.Duration]string{time.Second: "the first", time.Minute: "a later one"} {
					s.Go(func(context.Context) error {
						elapse(after)
						return errors.New(text)
					})
				}
				return nil
			})
		})
		h.text(http.MethodGet, "/events")
		settle()
		ended := h.log.take("the event stream ended")
		require.Len(t, ended, 1)
		assert.Contains(t, ended[0], `error="the first"`)
	})
}

// A panic is a mistake at any time: it must not be lost behind an error.
func TestPanicOfWorkReplacesAnEarlierError(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Close()
				s.Go(func(context.Context) error {
					elapse(time.Second)
					panic("a mistake")
				})
				return errors.New("the first")
			})
		})
		h.text(http.MethodGet, "/events")
		settle()
		ended := h.log.take("level=ERROR")
		require.Len(t, ended, 1)
		assert.Contains(t, ended[0], `error="panic: a mistake"`)
	})
}

func TestWorkThatOutlivesTheSession(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		sessions := make(chan *sse.Session, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				sessions <- s
				s.Go(func(ctx context.Context) error {
					<-ctx.Done()
					elapse(time.Second) // takes its time
					return errors.New("nobody listens")
				})
				s.Close()
				return nil
			})
		})
		began := time.Now()
		_, body := h.text(http.MethodGet, "/events")
		assert.Empty(t, body)
		assert.Equal(t, time.Second, time.Since(began), "the stream waits for its work")
		settle()
		(<-sessions).Go(func(context.Context) error {
			assert.Fail(t, "the session is over")
			return nil
		})
		settle()
	})
}

func TestPanicOfLateWorkIsLogged(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				s.Go(func(ctx context.Context) error {
					<-ctx.Done()
					panic("too late")
				})
				s.Close()
				return nil
			})
		})
		h.text(http.MethodGet, "/events")
		settle()
		logged := h.log.take("level=ERROR")
		require.Len(t, logged, 1)
		assert.Contains(t, logged[0], "too late")
		assert.Contains(t, logged[0], "work_test.go", "with its stack")
	})
}

// A function that ends its goroutine, as a failed assertion does, leaves no
// session behind.
func TestServeThatEndsItsGoroutine(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		application := app.New(func(a *app.Application) {
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error {
					s.Heartbeat()
					s.Go(func(context.Context) error {
						runtime.Goexit()
						return nil
					})
					runtime.Goexit()
					return nil
				})
			})
		})
		require.NoError(t, application.Start(t.Context()))
		go application.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/events", nil))
		settle()
		sessions, installed := sse.SessionsOf(application)
		require.True(t, installed)
		assert.Zero(t, sessions.Stats().Open)
		assert.Equal(t, uint64(1), sessions.Stats().Failed)
		require.NoError(t, application.Stop(context.WithoutCancel(t.Context())))
	})
}
