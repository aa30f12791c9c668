package doublereceive_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/doublereceive"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestReceivedInPart(t *testing.T) {
	response := onCall(t, strings.NewReader("0123456789"), func(c *app.Call) error {
		first, err := app.Receive[io.Reader](c)
		require.NoError(t, err)
		part := make([]byte, 4)
		_, err = io.ReadFull(first, part)
		require.NoError(t, err)

		text, err := readAll(c)
		require.NoError(t, err)
		assert.Equal(t, "0123456789", text, "the second one starts anew, and reads on where the first one stopped")

		rest, err := io.ReadAll(first)
		require.NoError(t, err)
		assert.Equal(t, "456789", string(rest), "the first one is not disturbed")
		return nil
	}, doublereceive.Plugin)
	assert.Equal(t, http.StatusOK, response.StatusCode)
}

func TestEmptyBody(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(doublereceive.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				for range 2 {
					text, err := c.ReceiveText()
					assert.NoError(t, err)
					assert.Empty(t, text)
				}
				assert.Equal(t, http.NoBody, c.Request.Body, "net/http's code asks whether there is no body")
				return c.RespondText("OK")
			})
		})
	})
	assert.Equal(t, http.StatusOK, host.Get("/").StatusCode)
}

func TestFormsAndMultipart(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(doublereceive.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				var values []string
				for range 2 {
					form, err := c.ReceiveForm()
					if err != nil {
						return err
					}
					values = append(values, form.Get("name"))
				}
				text, err := c.ReceiveText()
				if err != nil {
					return err
				}
				assert.Contains(t, text, "name")
				return c.RespondText(strings.Join(values, " "))
			})
		})
	})
	response := host.Post("/", "application/x-www-form-urlencoded", strings.NewReader("name=Jane"))
	assert.Equal(t, "Jane Jane", apptest.Text(t, response))
	response = host.Post("/", "multipart/form-data; boundary=b",
		strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nJohn\r\n--b--\r\n"))
	assert.Equal(t, "John John", apptest.Text(t, response))
}

func TestMountedHandlerAfterReceive(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(doublereceive.Plugin)
		a.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				if c.QueryParam("peek") != "" {
					if _, err := c.ReceiveText(); err != nil {
						return err
					}
				}
				return next(c)
			}
		})
		routing.Routes(a, func(r *routing.Route) {
			r.Mount("/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, err := io.Copy(w, r.Body)
				assert.NoError(t, err)
				assert.NoError(t, r.Body.Close())
			}))
		})
	})
	assert.Equal(t, "text", apptest.Text(t, host.Post("/?peek=yes", "text/plain", strings.NewReader("text"))))
	assert.Equal(t, "text", apptest.Text(t, host.Post("/", "text/plain", strings.NewReader("text"))))
}

func TestNothingIsReadInAdvance(t *testing.T) {
	lines := make(chan string)
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(doublereceive.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/unread", func(c *app.Call) error { return c.RespondText("unread") })
			r.Post("/stream", func(c *app.Call) error {
				for range 2 {
					reader, err := app.Receive[io.Reader](c)
					if err != nil {
						return err
					}
					line, err := bufio.NewReader(reader).ReadString('\n')
					if err != nil {
						return err
					}
					lines <- line
				}
				return c.RespondText("OK")
			})
		})
	})
	conn := host.Dial()
	_, err := io.WriteString(conn, "POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, response.StatusCode, "and not 100: the body is not read")
	require.NoError(t, response.Body.Close())

	body, client := io.Pipe()
	go func() {
		_, _ = io.WriteString(client, "line\n") // and the body does not end
		assert.Equal(t, "line\n", <-lines)
		assert.Equal(t, "line\n", <-lines)
		_ = client.Close()
	}()
	assert.Equal(t, "OK", apptest.Text(t, host.Post("/stream", "text/plain", body)))
}

func TestMemoryLimit(t *testing.T) {
	const mebibyte = 1 << 20
	memory := func(bytes int64) app.Installable {
		return doublereceive.Plugin.With(func(c *doublereceive.Config) { c.MemoryLimit = bytes })
	}
	bodyLimit := func(bytes int64) func(*app.Config) { return func(c *app.Config) { c.BodyLimit = bytes } }
	tests := map[string]struct {
		plugin      app.Installable
		application func(*app.Config)
		length      int
		tooLarge    bool
	}{
		"the application's, as installed":  {doublereceive.Plugin, nil, mebibyte, false},
		"a byte more":                      {doublereceive.Plugin, nil, mebibyte + 1, true},
		"the application's, set later":     {doublereceive.Plugin, bodyLimit(10), 11, true},
		"the application has none":         {doublereceive.Plugin, bodyLimit(0), 3 * mebibyte, false},
		"its own":                          {memory(10), nil, 10, false},
		"its own, a byte more":             {memory(10), nil, 11, true},
		"its own is above the application": {memory(2 * mebibyte), nil, 2 * mebibyte, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			configure := app.NewPlugin("Configure", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
				if test.application != nil {
					b.Application().Configure(test.application)
				}
				return nil
			})
			body := strings.Repeat("x", test.length)
			response := onCall(t, strings.NewReader(body), func(c *app.Call) error {
				var last error
				for range 2 {
					text, err := readAll(c)
					assert.Equal(t, test.tooLarge, errors.As(err, new(*http.MaxBytesError)), "%v", err)
					assert.True(t, strings.HasPrefix(body, text))
					assert.Equal(t, !test.tooLarge, len(text) == len(body))
					last = err
				}
				return last
			}, test.plugin, configure)
			want := http.StatusOK
			if test.tooLarge {
				want = http.StatusRequestEntityTooLarge
			}
			assert.Equal(t, want, response.StatusCode)
		})
	}
}

func TestApplicationsLimitForValuesRemains(t *testing.T) {
	response := onCall(t, strings.NewReader(strings.Repeat("x", 1<<20+1)), func(c *app.Call) error {
		_, err := c.ReceiveText()
		return err
	}, doublereceive.Plugin.With(func(c *doublereceive.Config) { c.MemoryLimit = 2 << 20 }))
	assert.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
}

func TestExclusions(t *testing.T) {
	type config = func(*doublereceive.Config)
	text := func(c *app.Call) error { _, err := c.ReceiveText(); return err }
	data := func(c *app.Call) error { _, err := c.ReceiveBytes(); return err }
	tests := map[string]struct {
		configure config
		body      io.Reader
		receive   []app.Handler
		again     bool // the last of them gets the body
	}{
		"no filter": {func(*doublereceive.Config) {}, strings.NewReader("text"), []app.Handler{text, text}, true},
		"a filter that says no": {func(c *doublereceive.Config) {
			c.ExcludeFromCache(func(*app.Call, *app.Incoming) bool { return false })
		}, strings.NewReader("text"), []app.Handler{text, text}, true},
		"one of several filters": {func(c *doublereceive.Config) {
			c.ExcludeFromCache(func(*app.Call, *app.Incoming) bool { return false })
			c.ExcludeFromCache(func(c *app.Call, _ *app.Incoming) bool { return c.Request.Method == http.MethodPost })
		}, strings.NewReader("text"), []app.Handler{text, text}, false},
		"short enough":        {func(c *doublereceive.Config) { c.MaxSize(4) }, strings.NewReader("text"), []app.Handler{text, text}, true},
		"too long":            {func(c *doublereceive.Config) { c.MaxSize(3) }, strings.NewReader("text"), []app.Handler{text, text}, false},
		"length not declared": {func(c *doublereceive.Config) { c.MaxSize(4) }, io.MultiReader(strings.NewReader("text")), []app.Handler{text, text}, false},
		"another type": {func(c *doublereceive.Config) { c.Exclude(reflect.TypeFor[[]byte]()) },
			strings.NewReader("text"), []app.Handler{text, text}, true},
		"that type": {func(c *doublereceive.Config) { c.Exclude(reflect.TypeFor[string]()) },
			strings.NewReader("text"), []app.Handler{text, text}, false},
		"that type first, another one then": {func(c *doublereceive.Config) { c.Exclude(reflect.TypeFor[string]()) },
			strings.NewReader("text"), []app.Handler{text, data}, false},
		"another type first, that one then": {func(c *doublereceive.Config) { c.Exclude(reflect.TypeFor[string]()) },
			strings.NewReader("text"), []app.Handler{data, text}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			response := onCall(t, test.body, func(c *app.Call) error {
				last := len(test.receive) - 1
				for _, receive := range test.receive[:last] {
					require.NoError(t, receive(c))
				}
				err := test.receive[last](c)
				if !test.again {
					require.ErrorIs(t, err, app.ErrReceived)
					require.NotErrorAs(t, err, new(*app.Error), "it is the handler's fault, and not the client's")
					return nil
				}
				return err
			}, doublereceive.Plugin.With(test.configure))
			assert.Equal(t, http.StatusOK, response.StatusCode)
		})
	}
}

func TestBrokenBodyBreaksEachTime(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(doublereceive.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				for range 2 {
					text, err := readAll(c)
					assert.Equal(t, "begun", text)
					assert.Error(t, err)
				}
				return c.RespondText("OK")
			})
		})
	})
	conn := host.Dial()
	_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\nzz\r\n")
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	assert.Equal(t, "OK", apptest.Text(t, response))
	require.NoError(t, response.Body.Close())
}

// A goroutine that http.TimeoutHandler has left behind reads the same body as
// the code that runs after it.
func TestTwoGoroutinesReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reached := make(chan struct{})
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(doublereceive.Plugin)
			a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					reader, err := app.Receive[io.Reader](c)
					if err != nil {
						return err
					}
					if _, err := io.ReadFull(reader, make([]byte, 5)); err != nil {
						return err
					}
					if err := next(c); err != nil {
						return err
					}
					_, err = io.ReadAll(reader)
					return err
				}
			})
			a.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Second, "too late") })
			routing.Routes(a, func(r *routing.Route) {
				r.Post("/", func(c *app.Call) error {
					defer close(reached)
					text, err := readAll(c)
					assert.Equal(t, "first second", text)
					return err
				})
			})
		})
		body, client := io.Pipe()
		go func() {
			_, _ = io.WriteString(client, "first")
			time.Sleep(2 * time.Second)
			_, _ = io.WriteString(client, " second")
			_ = client.Close()
		}()
		response := host.Post("/", "text/plain", body)
		assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		assert.Equal(t, "too late", apptest.Text(t, response))
		<-reached
	})
}

func TestOrderWithADecoder(t *testing.T) {
	upper := app.NewPlugin("Upper", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.InterceptReceive(app.ReceiveBefore, func(_ *app.Call, in *app.Incoming) error {
			if in.Gone() {
				return nil
			}
			text, err := io.ReadAll(in.Body)
			in.Body = strings.NewReader(strings.ToUpper(string(text)))
			return err
		})
		return nil
	})
	for name, plugins := range map[string][]app.Installable{
		"decoded once":     {upper, doublereceive.Plugin},
		"decoded for each": {doublereceive.Plugin, upper},
	} {
		t.Run(name, func(t *testing.T) {
			response := onCall(t, strings.NewReader("text"), func(c *app.Call) error {
				for range 3 {
					text, err := c.ReceiveText()
					require.NoError(t, err)
					assert.Equal(t, "TEXT", text)
				}
				return nil
			}, plugins...)
			assert.Equal(t, http.StatusOK, response.StatusCode)
		})
	}
}

func TestOnARoute(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		twice := func(c *app.Call) error {
			if _, err := c.ReceiveText(); err != nil {
				return err
			}
			text, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText(text)
		}
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/with", func(r *routing.Route) {
				r.Install(doublereceive.Plugin)
				r.Post("", twice)
			})
			r.Post("/without", twice)
		})
	})
	assert.Equal(t, "text", apptest.Text(t, host.Post("/with", "text/plain", strings.NewReader("text"))))
	assert.Equal(t, http.StatusInternalServerError, host.Post("/without", "text/plain", strings.NewReader("text")).StatusCode)
}

func TestStreamsPassUntouched(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(doublereceive.Plugin)
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error { return s.SendText("event") })
				r.Post("/answer", func(c *app.Call) error {
					if _, err := c.ReceiveText(); err != nil {
						return err
					}
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
	})
}

func TestMistakes(t *testing.T) {
	with := func(configure func(*doublereceive.Config)) app.Module {
		return func(a *app.Application) { a.Install(doublereceive.Plugin.With(configure)) }
	}
	tests := map[string]struct {
		module app.Module
		want   string
	}{
		"limit":  {with(func(c *doublereceive.Config) { c.MemoryLimit = -1 }), "install DoubleReceive: MemoryLimit -1 is negative"},
		"size":   {with(func(c *doublereceive.Config) { c.MaxSize(-2) }), "install DoubleReceive: MaxSize -2 is negative"},
		"filter": {with(func(c *doublereceive.Config) { c.ExcludeFromCache(nil) }), "the function for ExcludeFromCache is nil"},
		"type":   {with(func(c *doublereceive.Config) { c.Exclude(nil) }), "the type for Exclude is nil"},
		"twice": {func(a *app.Application) {
			a.Install(doublereceive.Plugin)
			a.Install(doublereceive.Plugin)
		}, "install DoubleReceive: it is already installed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := app.New(test.module).Start(context.Background())
			require.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, "plugin_test.go:")
		})
	}
}
