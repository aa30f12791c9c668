package app_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestApplicationInAnApplication: to the outer one, the inner one is an
// http.Handler like any other.
func TestApplicationInAnApplication(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler app.Handler
		method  string
		status  int
		text    string
		length  string
	}{
		"text":      {text("hello"), http.MethodGet, 200, "hello", "5"},
		"long text": {text(strings.Repeat("x", 5000)), http.MethodGet, 200, strings.Repeat("x", 5000), "5000"},
		"HEAD":      {text("hello"), http.MethodHead, 200, "", "5"},
		"error":     {func(*app.Call) error { return app.NewError(409, "taken") }, http.MethodGet, 409, "taken", "5"},
		"silent":    {func(*app.Call) error { return nil }, http.MethodGet, 404, "", "0"},
		"stream": {func(c *app.Call) error {
			_, _ = io.WriteString(c.Writer(), "hel")
			flush(c)
			_, err := io.WriteString(c.Writer(), "lo")
			return err
		}, http.MethodGet, 200, "hello", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen journal
				inner := start(t, answering(func(c *app.Call) error {
					found, _ := app.CallFrom(c.Context())
					assert.Same(t, c, found, "the innermost call is found")
					return test.handler(c)
				}))
				outer := start(t, observing(&seen), answering(app.FromHTTP(inner)))
				client := serve(t, outer)
				for range 2 {
					request, err := http.NewRequestWithContext(t.Context(), test.method, "http://test/", nil)
					require.NoError(t, err)
					response, err := client.Do(request)
					require.NoError(t, err)
					assert.Equal(t, test.status, response.StatusCode)
					assert.Equal(t, test.text, body(t, response))
					assert.Equal(t, test.length, response.Header.Get("Content-Length"))
				}
				assert.Len(t, seen.all(), 2)
			})
		})
	}
}

func TestApplicationInAnApplicationIsCut(t *testing.T) {
	t.Parallel()
	inner := start(t, answering(func(c *app.Call) error { write(c, 1000); return errBroken }))
	assert.True(t, cuts(start(t, answering(app.FromHTTP(inner))), "/"))
}

// TestApplicationsStopEachForItself: the calls of the inner one end with
// either.
func TestApplicationsStopEachForItself(t *testing.T) {
	t.Parallel()
	for _, stopped := range []string{"inner", "outer"} {
		t.Run(stopped, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				applications := map[string]*app.Application{
					"inner": app.New(quiet, answering(func(c *app.Call) error {
						<-c.Context().Done()
						assert.ErrorIs(t, context.Cause(c.Context()), app.ErrStopping)
						return c.Context().Err()
					})),
				}
				applications["outer"] = app.New(quiet, answering(app.FromHTTP(applications["inner"])))
				for _, a := range applications {
					require.NoError(t, a.Start(t.Context()))
				}
				answered := make(chan int, 1)
				go func() {
					recorder := httptest.NewRecorder()
					applications["outer"].ServeHTTP(recorder, request(1))
					answered <- recorder.Code
				}()
				synctest.Wait()
				began := time.Now()
				require.NoError(t, applications[stopped].Stop(t.Context()))
				assert.Equal(t, time.Second, time.Since(began))
				assert.Equal(t, http.StatusServiceUnavailable, <-answered)
				for _, a := range applications {
					require.NoError(t, a.Stop(t.Context()))
				}
			})
		})
	}
}
