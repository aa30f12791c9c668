package timeouts_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/timeouts"
	"github.com/chitor-go/chitor/routing"
)

// within is the plugin with a ResponseTimeout.
func within(timeout time.Duration) app.Installable {
	return timeouts.Plugin.With(func(c *timeouts.Config) { c.ResponseTimeout = timeout })
}

func TestConforms(t *testing.T) {
	plugintest.Conform(t, timeouts.Plugin.With(func(c *timeouts.Config) {
		c.ResponseTimeout = time.Minute
		c.ReadTimeout, c.MinReadRate, c.WriteTimeout = time.Minute, 100, time.Minute
	}), plugintest.Scoped())
}

// A call has two seconds until its response begins to leave.
func TestResponseTimeout(t *testing.T) {
	errOwn := errors.New("the database is away")
	flushed := func(c *app.Call, text string) error {
		if _, err := io.WriteString(c.Writer(), text); err != nil {
			return err
		}
		return http.NewResponseController(c.Writer()).Flush()
	}
	for name, test := range map[string]struct {
		handler app.Handler
		status  int
		text    string
		after   time.Duration
	}{
		"in time": {func(c *app.Call) error {
			time.Sleep(time.Second)
			return c.RespondText("here")
		}, 200, "here", time.Second},
		"returns the error of the context": {func(c *app.Call) error {
			<-c.Context().Done()
			return c.Context().Err()
		}, 503, "the response did not begin in time", 2 * time.Second},
		"returns what has ended it": {func(c *app.Call) error {
			<-c.Context().Done()
			return fmt.Errorf("wait: %w", c.Context().Err())
		}, 503, "the response did not begin in time", 2 * time.Second},
		"returns nothing": {func(c *app.Call) error { <-c.Context().Done(); return nil }, 503, "the response did not begin in time", 2 * time.Second},
		"returns an error of its own": {func(c *app.Call) error {
			<-c.Context().Done()
			return errOwn
		}, 503, "the response did not begin in time", 2 * time.Second},
		"fails before": {func(*app.Call) error { return errOwn }, 500, "Internal Server Error", 0},
		"panics": {func(c *app.Call) error {
			<-c.Context().Done()
			panic("out of order")
		}, 500, "Internal Server Error", 2 * time.Second},
		"answers too late, and regardless": {func(c *app.Call) error {
			time.Sleep(time.Minute)
			return c.RespondText("here")
		}, 200, "here", time.Minute},
		"has begun": {func(c *app.Call) error {
			if err := flushed(c, "begun, "); err != nil {
				return err
			}
			time.Sleep(time.Hour)
			_, err := fmt.Fprintf(c.Writer(), "ended, %v", c.Context().Err())
			return err
		}, 200, "begun, ended, <nil>", time.Hour},
		"a mounted handler": {app.FromHTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })),
			503, "the response did not begin in time", 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				for _, place := range []string{"application", "route"} {
					synctest.Test(t, func(t *testing.T) {
						host := apptest.Start(t, func(a *app.Application) {
							if place == "application" {
								a.Install(within(2 * time.Second))
							}
							routing.Routes(a, func(r *routing.Route) {
								route := r.Get("/", test.handler)
								if place == "route" {
									route.Install(within(2 * time.Second))
								}
							})
						}, mode)
						began := time.Now()
						response := host.Get("/")
						assert.Equal(t, test.status, response.StatusCode, place)
						assert.Equal(t, test.text, apptest.Text(t, response), place)
						assert.Equal(t, test.after, time.Since(began), place)
					})
				}
			})
		})
	}
}

// Its head leaves before its function runs.
func TestEventStreamsAreNotEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			a.Install(within(time.Second))
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/", func(s *sse.Session) error {
					if err := s.Delay(time.Hour); err != nil {
						return err
					}
					return s.SendText("an hour later")
				})
			})
		})
		assert.Equal(t, "data: an hour later\r\n\r\n", apptest.Text(t, host.Get("/")))
	})
}

// trickle sends a body of length bytes by one byte in pause, and returns the
// status of the response and when it has come.
func trickle(t *testing.T, host *apptest.Host, path string, length int, pause time.Duration) (status int, after time.Duration) {
	t.Helper()
	conn := host.Dial()
	_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n", path, length)
	require.NoError(t, err)
	began := time.Now()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range length {
			time.Sleep(pause)
			if _, err := io.WriteString(conn, "x"); err != nil {
				return
			}
		}
	}()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	after = time.Since(began).Truncate(time.Second)
	require.NoError(t, conn.Close())
	<-ended
	return response.StatusCode, after
}

func receive(c *app.Call) error {
	text, err := c.ReceiveText()
	if err != nil {
		return err
	}
	return c.RespondText(text)
}

// One byte in 55 s held a handler for 15 hours before there was a least rate.
// Each route has its own.
func TestBodiesOfRoutes(t *testing.T) {
	for path, test := range map[string]struct {
		configure func(*timeouts.Config)
		length    int
		pause     time.Duration
		status    int
		after     time.Duration
	}{
		"as the application says": {nil, 1000, 55 * time.Second, 408, time.Minute},
		"nothing is named":        {func(*timeouts.Config) {}, 1000, 55 * time.Second, 408, time.Minute},
		"a silence is shorter":    {func(c *timeouts.Config) { c.ReadTimeout = 10 * time.Second }, 1000, 55 * time.Second, 408, 10 * time.Second},
		"a silence is longer":     {func(c *timeouts.Config) { c.ReadTimeout = 10 * time.Minute }, 10, 55 * time.Second, 200, 550 * time.Second},
		"no silence is too long":  {func(c *timeouts.Config) { c.ReadTimeout = 0 }, 1000, 55 * time.Second, 200, 55_000 * time.Second},
		"no rate":                 {func(c *timeouts.Config) { c.MinReadRate = 0 }, 1000, 55 * time.Second, 200, 55_000 * time.Second},
		"a rate that is met":      {func(c *timeouts.Config) { c.MinReadRate = 1 }, 1000, time.Second, 200, 1000 * time.Second},
		"the whole call": {func(c *timeouts.Config) {
			c.ResponseTimeout, c.ReadTimeout = 20*time.Second, 10*time.Second
		}, 1000, time.Second / 10, 408, 10 * time.Second},
	} {
		t.Run(path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, func(a *app.Application) {
					routing.Routes(a, func(r *routing.Route) {
						route := r.Post("/", receive)
						if test.configure != nil {
							route.Install(timeouts.Plugin.With(test.configure))
						}
					})
				})
				status, after := trickle(t, host, "/", test.length, test.pause)
				assert.Equal(t, test.status, status)
				assert.InDelta(t, test.after.Seconds(), after.Seconds(), 1)
			})
		})
	}
}

// What the nearest installation does not name is the application's.
func TestNearestCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Install(timeouts.Plugin.With(func(c *timeouts.Config) { c.ReadTimeout = 5 * time.Second }))
				r.Post("/outer", receive)
				r.Post("/inner", receive).Install(within(time.Hour))
			})
		})
		for path, want := range map[string]time.Duration{"/outer": 5 * time.Second, "/inner": time.Minute} {
			_, after := trickle(t, host, path, 100, 50*time.Second)
			assert.Equal(t, want, after, path)
		}
	})
}

// The client reads nothing of a long answer.
func TestWriteTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan time.Duration, 1)
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					began := time.Now()
					_, err := io.WriteString(c.Writer(), strings.Repeat("x", 1<<20))
					failed <- time.Since(began)
					return err
				}).Install(timeouts.Plugin.With(func(c *timeouts.Config) { c.WriteTimeout = 3 * time.Second }))
			})
		})
		_, err := io.WriteString(host.Dial(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(t, err)
		assert.LessOrEqual(t, <-failed, 6*time.Second, "twice, since some of it went out")
	})
}

func TestNegativeLimitsAreMistakes(t *testing.T) {
	for name, configure := range map[string]func(*timeouts.Config){
		"ResponseTimeout": func(c *timeouts.Config) { c.ResponseTimeout = -1 },
		"ReadTimeout":     func(c *timeouts.Config) { c.ReadTimeout = -time.Second },
		"MinReadRate":     func(c *timeouts.Config) { c.MinReadRate = -1 },
		"WriteTimeout":    func(c *timeouts.Config) { c.WriteTimeout = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			err := app.New(func(a *app.Application) { a.Install(timeouts.Plugin.With(configure)) }).Start(t.Context())
			require.ErrorContains(t, err, "install Timeouts: "+name+" is negative")
			require.ErrorContains(t, err, "plugin_test.go:")
		})
	}
}
