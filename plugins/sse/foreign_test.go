package sse_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// loud is an error whose Error panics, as that of a nil pointer does.
type loud struct{}

func (loud) Error() string { panic("Error panics") }

// badWrap is a wrap around a stream that ends badly at the second event.
type badWrap struct {
	io.Writer
	writes int
	end    func() error
}

func (w *badWrap) Write(p []byte) (int, error) {
	if w.writes++; w.writes == 2 {
		if err := w.end(); err != nil {
			return 0, err
		}
	}
	return w.Writer.Write(p)
}

func (*badWrap) Flush() error { return nil }
func (*badWrap) Close() error { return nil }
func (*badWrap) Abort()       {}

// TestNothingThatTheApplicationsCodeEndsWithGetsThrough: whatever code of the
// application does in a session, the stream is cut, or, where the head has not
// left, the answer is 500; the log has one error, no session is left counted,
// and the application serves on and stops at once.
func TestNothingThatTheApplicationsCodeEndsWithGetsThrough(t *testing.T) {
	t.Parallel()
	endings := map[string]struct {
		end     func() error
		returns bool
	}{
		"panics":                           {func() error { panic("out of order") }, false},
		"panics with an error that panics": {func() error { panic(loud{}) }, false},
		"panics with the session's end":    {func() error { panic(sse.ErrClosed) }, false},
		"returns a nil *app.Error":         {func() error { return (*app.Error)(nil) }, true},
		"returns an error that panics":     {func() error { return errors.Join(loud{}) }, true},
		"ends its goroutine":               {func() error { runtime.Goexit(); return nil }, false},
	}
	for place, test := range map[string]struct {
		serve           func(s *sse.Session, end func() error) error
		config          func(c *sse.Config, end func() error)
		wrapped, silent bool
	}{
		"the function that serves": {serve: func(_ *sse.Session, end func() error) error { return end() }},
		"the function that serves, when the session has ended": {serve: func(s *sse.Session, end func() error) error {
			s.Close()
			return end()
		}, silent: true},
		"s.Go": {serve: func(s *sse.Session, end func() error) error {
			s.Go(func(context.Context) error { return end() })
			return s.Delay(time.Minute)
		}},
		"s.Go, the second to fail": {serve: func(s *sse.Session, end func() error) error {
			s.Go(func(context.Context) error { return end() })
			s.Go(func(ctx context.Context) error { <-ctx.Done(); return end() })
			return s.Delay(time.Minute)
		}},
		"provider of a heartbeat": {serve: func(s *sse.Session, end func() error) error {
			s.Heartbeat(func(h *sse.HeartbeatConfig) {
				h.EventProvider = func(context.Context) (sse.Event, error) { return sse.Event{Data: "beat"}, end() }
			})
			return s.Delay(time.Minute)
		}},
		"serializer": {serve: func(s *sse.Session, end func() error) error { return s.SendValue(end) }},
		"sequence of events": {serve: func(s *sse.Session, end func() error) error {
			return s.SendAll(func(yield func(sse.Event, error) bool) { yield(sse.Event{Data: "x"}, end()) })
		}},
		"wrap, by an event": {serve: func(s *sse.Session, _ func() error) error {
			return errors.Join(s.SendText("first"), s.SendText("second"))
		}, wrapped: true, silent: true},
		"wrap, by a heartbeat": {serve: func(s *sse.Session, _ func() error) error {
			s.Heartbeat(func(h *sse.HeartbeatConfig) { h.Period = time.Second })
			return s.Delay(time.Minute)
		}, wrapped: true, silent: true},
		"key of a session": {config: func(c *sse.Config, end func() error) {
			c.MaxSessionsPerKey = 1
			c.Key = func(*app.Call) string { _ = end(); return "" }
		}, silent: true},
	} {
		for name, ending := range endings {
			if ending.returns && test.silent || place == "the function that serves, when the session has ended" && ending.returns {
				continue
			}
			t.Run(place+" "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					bad := true
					end := func() error {
						if !bad {
							return nil
						}
						return ending.end()
					}
					serve := func(s *sse.Session) error {
						if test.serve == nil || !bad {
							return nil
						}
						return test.serve(s, end)
					}
					host := apptest.Start(t, func(a *app.Application) {
						a.Install(sse.Plugin.With(func(c *sse.Config) {
							if test.config != nil {
								test.config(c, end)
							}
						}))
						if test.wrapped {
							a.InterceptSend(app.SendAfter, func(_ *app.Call, out *app.Outgoing) error {
								out.Wrap(func(w io.Writer) app.BodyWriter { return &badWrap{w, 0, end} })
								return nil
							})
						}
						routing.Routes(a, func(r *routing.Route) {
							r.SSE("/", serve, sse.Serialize(func(value any) ([]byte, error) {
								return []byte("x"), value.(func() error)()
							}))
						})
					})
					request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, host.URL+"/", nil)
					require.NoError(t, err)
					response, err := host.Client().Do(request)
					if err == nil {
						_, err = io.Copy(io.Discard, response.Body)
						_ = response.Body.Close()
					}
					if test.config == nil && place != "the function that serves, when the session has ended" {
						require.True(t, err != nil || response.StatusCode == http.StatusInternalServerError,
							"the stream is cut, or has never begun")
					}
					synctest.Wait()
					assert.NotEmpty(t, host.Log().AtLeast(slog.LevelError))
					if name != "ends its goroutine" { // whoever sees the goroutine end may say so
						assert.Len(t, host.Log().AtLeast(slog.LevelError), 1, "%v", host.Log())
					}
					sessions, _ := sse.SessionsOf(host.Application())
					assert.Zero(t, sessions.Stats().Open, "no session is left")
					bad = false
					assert.Equal(t, http.StatusOK, host.Get("/").StatusCode, "the next stream")
					began := time.Now()
					host.Stop()
					assert.Zero(t, time.Since(began), "no call is left")
				})
			})
		}
	}
}
