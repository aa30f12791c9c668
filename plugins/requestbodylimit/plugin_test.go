package requestbodylimit_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/requestbodylimit"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// ways are all the ways to read a body.
var ways = map[string]app.Handler{
	"text":  func(c *app.Call) error { _, err := c.ReceiveText(); return err },
	"bytes": func(c *app.Call) error { _, err := c.ReceiveBytes(); return err },
	"reader": func(c *app.Call) error {
		reader, err := app.Receive[io.Reader](c)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, reader)
		return err
	},
	"form": func(c *app.Call) error { _, err := c.ReceiveForm(); return err },
	"multipart": func(c *app.Call) error {
		for part, err := range c.ReceiveMultipart() {
			if err != nil {
				return err
			}
			if _, err := io.Copy(io.Discard, part); err != nil {
				return err
			}
		}
		return nil
	},
	"the request": func(c *app.Call) error { _, err := io.Copy(io.Discard, c.Request.Body); return err },
	"a mounted handler": app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); errors.As(err, new(*http.MaxBytesError)) {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		}
	})),
}

// bodyFor returns a body of n bytes that the way can read.
func bodyFor(way string, n int) (contentType, body string) {
	switch way {
	case "form":
		return "application/x-www-form-urlencoded", "k=" + strings.Repeat("v", n-2)
	case "multipart":
		head, tail := "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n", "\r\n--b--\r\n"
		return "multipart/form-data; boundary=b", head + strings.Repeat("x", n-len(head)-len(tail)) + tail
	default:
		return "text/plain", strings.Repeat("x", n)
	}
}

func TestLimitHoldsForEveryWayToRead(t *testing.T) {
	const longest = 1000
	for way, read := range ways {
		t.Run(way, func(t *testing.T) {
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				host := apptest.Start(t, func(a *app.Application) {
					a.Install(limit(longest))
					routing.Routes(a, func(r *routing.Route) {
						r.Post("/", func(c *app.Call) error {
							if err := read(c); err != nil || c.Answered() {
								return err
							}
							return c.RespondText("OK")
						})
					})
				}, mode)
				for _, length := range []int{longest, longest + 1, 20 * longest} {
					want := http.StatusOK
					if length > longest {
						want = http.StatusRequestEntityTooLarge
					}
					contentType, body := bodyFor(way, length)
					response := host.Post("/", contentType, strings.NewReader(body))
					assert.Equal(t, want, response.StatusCode, "%d bytes, declared", length)
					response = host.Post("/", contentType, io.MultiReader(strings.NewReader(body)))
					assert.Equal(t, want, response.StatusCode, "%d bytes, not declared", length)
				}
			})
		})
	}
}

func TestMiddlewareReads(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, err := io.ReadAll(r.Body); err != nil {
					http.Error(w, err.Error(), http.StatusTeapot)
					return
				}
				next.ServeHTTP(w, r)
			})
		})
		a.Install(limit(10)) // the phase decides, not the order
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error { return c.RespondText("OK") })
		})
	})
	assert.Equal(t, http.StatusOK, host.Post("/", "text/plain", chunked(10)).StatusCode)
	assert.Equal(t, http.StatusTeapot, host.Post("/", "text/plain", chunked(11)).StatusCode)
	assert.Equal(t, http.StatusTeapot, host.Post("/", "text/plain", strings.NewReader("eleven chars")).StatusCode)
}

func TestDeclaredLengthIsRefusedUnread(t *testing.T) {
	reached := false
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(limit(10))
		a.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				c.Header().Set("Access-Control-Allow-Origin", "*")
				return next(c)
			}
		})
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error { reached = true; return c.RespondText("OK") })
		})
	})
	conn := host.Dial()
	_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n")
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer func() { assert.NoError(t, response.Body.Close()) }()
	assert.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode, "and not 100: the body is not read")
	assert.Equal(t, "Request Entity Too Large", apptest.Text(t, response))
	assert.Equal(t, "*", response.Header.Get("Access-Control-Allow-Origin"), "a page of another origin may see the response")
	assert.True(t, response.Close)
	assert.False(t, reached)
}

func TestAnsweredCallIsLeftAlone(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(limit(10))
		a.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				if err := c.RespondStatus(http.StatusUnauthorized); err != nil {
					return err
				}
				return next(c)
			}
		})
	})
	response := host.Post("/", "text/plain", strings.NewReader(strings.Repeat("x", 100)))
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
}

func TestFailedHookSeesTheError(t *testing.T) {
	plugin := app.NewPlugin("Watch", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.OnCallFailed(func(c *app.Call, cause error) error {
			var tooLarge *http.MaxBytesError
			if !errors.As(cause, &tooLarge) {
				return nil
			}
			c.SetStatus(http.StatusRequestEntityTooLarge)
			return c.RespondText(fmt.Sprintf("at most %d", tooLarge.Limit))
		})
		return nil
	})
	for name, body := range map[string]func() io.Reader{
		"declared":     func() io.Reader { return strings.NewReader("eleven chars") },
		"not declared": func() io.Reader { return chunked(11) },
	} {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				a.Install(limit(10))
				a.Install(plugin)
				routing.Routes(a, func(r *routing.Route) { r.Post("/", receiveBytes) })
			})
			response := host.Post("/", "text/plain", body())
			assert.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
			assert.Equal(t, "at most 10", apptest.Text(t, response))
		})
	}
}

func TestLimitOfEachConfiguration(t *testing.T) {
	const mebibyte = 1 << 20
	bodyLimit := func(bytes int64) func(*app.Config) { return func(c *app.Config) { c.BodyLimit = bytes } }
	tests := map[string]struct {
		plugin      app.Installable
		application func(*app.Config)
		length      int64
		want        int
	}{
		"the application's, as installed":     {requestbodylimit.Plugin, nil, mebibyte, http.StatusOK},
		"a byte more":                         {requestbodylimit.Plugin, nil, mebibyte + 1, http.StatusRequestEntityTooLarge},
		"the application's, set later":        {requestbodylimit.Plugin, bodyLimit(10), 11, http.StatusRequestEntityTooLarge},
		"the application has none":            {requestbodylimit.Plugin, bodyLimit(0), 3 * mebibyte, http.StatusOK},
		"unlimited":                           {limit(requestbodylimit.Unlimited), nil, 3 * mebibyte, http.StatusOK},
		"nothing at all":                      {limit(0), nil, 1, http.StatusRequestEntityTooLarge},
		"below nothing":                       {limit(-1), nil, 1, http.StatusRequestEntityTooLarge},
		"nothing at all, and nothing is sent": {limit(0), nil, 0, http.StatusOK},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				a.Install(test.plugin)
				if test.application != nil {
					a.Configure(test.application)
				}
				routing.Routes(a, func(r *routing.Route) {
					r.Post("/", func(c *app.Call) error {
						if err := ways["the request"](c); err != nil {
							return err
						}
						return c.RespondText("OK")
					})
				})
			})
			assert.Equal(t, test.want, host.Post("/", "text/plain", chunked(test.length)).StatusCode)
		})
	}
}

func TestFunctionIsAskedOnce(t *testing.T) {
	var asked atomic.Int32
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) {
			c.BodyLimit(func(*app.Call) int64 { return 1 })
			c.BodyLimit(func(*app.Call) int64 { asked.Add(1); return 100 })
		}))
		routing.Routes(a, func(r *routing.Route) { r.Post("/", receiveBytes) })
	})
	assert.Equal(t, http.StatusOK, host.Post("/", "text/plain", strings.NewReader("text")).StatusCode)
	assert.EqualValues(t, 1, asked.Load())
}

func TestReverseProxy(t *testing.T) {
	behind := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				text, err := c.ReceiveText()
				if err != nil {
					return err
				}
				return c.RespondText(text)
			})
		})
	})
	target, err := url.Parse(behind.URL)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: behind.Client().Transport,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if errors.As(err, new(*http.MaxBytesError)) {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return
			}
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(limit(10))
		routing.Routes(a, func(r *routing.Route) { r.Mount("/", proxy) })
	})
	assert.Equal(t, "ten chars!", apptest.Text(t, host.Post("/", "text/plain", strings.NewReader("ten chars!"))))
	assert.Equal(t, http.StatusRequestEntityTooLarge, host.Post("/", "text/plain", chunked(100)).StatusCode)
}

func TestStreamsPassUntouched(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(limit(10))
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error { return s.SendText("event") })
				r.Post("/answer", func(c *app.Call) error {
					question, err := c.ReceiveText()
					if err != nil {
						return err
					}
					return sse.Respond(c, func(s *sse.Session) error { return s.SendText(question) })
				})
			})
		}, mode)
		assert.Equal(t, "data: event\r\n\r\n", apptest.Text(t, host.Get("/events")))
		assert.Equal(t, "data: why?\r\n\r\n", apptest.Text(t, host.Post("/answer", "text/plain", strings.NewReader("why?"))))
		response := host.Post("/answer", "text/plain", chunked(11))
		assert.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
	})
}

func TestMistakes(t *testing.T) {
	tests := map[string]struct {
		module app.Module
		want   string
	}{
		"no function": {func(a *app.Application) {
			a.Install(requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) { c.BodyLimit(nil) }))
		}, "install RequestBodyLimit: the function for BodyLimit is nil"},
		"twice": {func(a *app.Application) {
			a.Install(requestbodylimit.Plugin)
			a.Install(limit(1))
		}, "install RequestBodyLimit: it is already installed"},
		"on the application and on a route": {func(a *app.Application) {
			a.Install(requestbodylimit.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.Route("/a", func(r *routing.Route) { r.Install(limit(1)) })
			})
		}, "install RequestBodyLimit: it is already installed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := app.New(test.module).Start(context.Background())
			require.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, "plugin_test.go:")
		})
	}
}
