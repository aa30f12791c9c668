package apptest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// The tests of this file, of ktor_client_test.go and of ktor_config_test.go are
// Ktor's, under their names: those of TestApplicationTest,
// TestApplicationTestJvm, TestApplicationCoroutinesTest,
// TestApplicationRequestTest and TestApplicationEngineTest.

// testPlugin copies a header of the request into the response.
var testPlugin = app.NewPlugin("test_plugin", func() struct{} { return struct{}{} },
	func(b *app.PluginBuilder[struct{}]) error {
		b.OnCall(func(c *app.Call) error {
			value := c.Request.Header.Get("request_header")
			if value == "" {
				return app.NewError(http.StatusBadRequest, "Error")
			}
			c.Header().Set("response_header", value)
			return nil
		})
		return nil
	})

// headerTransport adds a header to each request: Ktor's TestClientPlugin.
type headerTransport struct{ http.RoundTripper }

func (h headerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("request_header", "value_1")
	return h.RoundTripper.RoundTrip(r)
}

func testClientPlugin(c *http.Client) { c.Transport = headerTransport{c.Transport} }

func assertHeaderCopied(t *testing.T, host *apptest.Host) {
	t.Helper()
	response := host.NewClient(testClientPlugin).Get("/a")
	assert.Equal(t, "OK", apptest.Text(t, response))
	assert.Equal(t, "value_1", response.Header.Get("response_header"))
	assert.Equal(t, http.StatusBadRequest, host.Get("/a").StatusCode)
}

func TestTopLevel(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		install := func(a *app.Application) { a.Install(testPlugin) }
		host := apptest.New(t, mode, apptest.Module(install), apptest.Module(get("/a", "OK")))
		host.Start()
		assertHeaderCopied(t, host)
	})
}

func TestApplicationBlock(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		assertHeaderCopied(t, apptest.Start(t, func(a *app.Application) {
			a.Install(testPlugin)
			get("/a", "OK")(a)
		}, mode))
	})
}

func TestApplicationBlockStartBeforeClientCall(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.New(t, mode)
		host.Start()
		require.Equal(t, http.StatusNotFound, host.Get("/").StatusCode)
		host.Stop()
	})
}

func TestBridge(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.New(t, mode)
		host.Start(func(a *app.Application) { a.Install(testPlugin) }, get("/a", "OK"))
		assertHeaderCopied(t, host)
	})
}

func TestManualStart(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		var called []string
		call := func(name string) app.Module {
			return func(*app.Application) { called = append(called, name) }
		}
		host := apptest.New(t, mode, apptest.ExternalService("https://test.com", call("service")), apptest.Module(call("option")))
		require.Empty(t, called)
		host.Start(call("first"), func(a *app.Application) {
			call("second")(a)
			a.OnStart(func(context.Context) error { call("started")(a); return nil })
		})
		require.Equal(t, []string{"service", "first", "second", "option", "started"}, called)
	})
}

func TestAccessApplicationInstance(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		var configured *app.Application
		host := apptest.New(t, mode)
		application := host.Application()
		host.Start(func(a *app.Application) { configured = a })
		require.Same(t, configured, application)
		require.Same(t, configured, host.Application())
	})
}

func TestMultipleParallelRequests(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, get("/", "OK"), mode)
		var jobs sync.WaitGroup
		for range 100 {
			jobs.Go(func() {
				response, err := host.Client().Get(host.URL)
				if assert.NoError(t, err) {
					assert.Equal(t, "OK", apptest.Text(t, response))
					assert.NoError(t, response.Body.Close())
				}
			})
		}
		jobs.Wait()
	})
}

// TestRequestRunningInParallel posts a body whose end is sent when a second
// request has its response.
func TestRequestRunningInParallel(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Post("/", func(c *app.Call) error {
					text, err := c.ReceiveText()
					if err != nil {
						return err
					}
					return c.RespondText(text)
				})
			})
		}, mode)
		body, slow := io.Pipe()
		var first sync.WaitGroup
		first.Go(func() {
			response, err := host.Client().Post(host.URL, "text/plain", body)
			if assert.NoError(t, err) {
				assert.Equal(t, "OK", apptest.Text(t, response))
				assert.NoError(t, response.Body.Close())
			}
		})
		_, err := io.WriteString(slow, "O")
		require.NoError(t, err)
		require.Equal(t, "OK", apptest.Text(t, host.Post("/", "text/plain", strings.NewReader("OK"))))
		_, err = io.WriteString(slow, "K")
		require.NoError(t, errors.Join(err, slow.Close()))
		first.Wait()
	})
}

// TestInternalServerError is also Ktor's testExceptionRespondsWith500IfFlagSet:
// no flag lets an error out of a host.
func TestInternalServerError(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/boom", func(*app.Call) error { panic("error") })
				r.Get("/bust", func(*app.Call) error { return errors.New("error") })
			})
		}, mode)
		for _, path := range []string{"/boom", "/bust"} {
			response := host.Get(path)
			require.Equal(t, http.StatusInternalServerError, response.StatusCode)
			require.Equal(t, "Internal Server Error", apptest.Text(t, response))
		}
	})
}

// TestConnectors differs: in memory all ports lead to the host, without a
// connector for each.
func TestConnectors(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, answer(func(c *app.Call) error {
			_, port, err := net.SplitHostPort(c.Request.Host)
			if err != nil {
				return err
			}
			return c.RespondText(port)
		}), mode)
		require.Equal(t, "8080", apptest.Text(t, host.Get("http://0.0.0.0:8080")))
		require.Equal(t, "8081", apptest.Text(t, host.Get("http://0.0.0.0:8081")))
	})
}

// TestStartupJobsCompletion differs: a host has no work of its own to wait for.
func TestStartupJobsCompletion(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, Module, mode)
		began := time.Now()
		host.Stop()
		require.Zero(t, time.Since(began))
	})
}

// TestCanPassCoroutineContextFromOutside differs: the context that calls
// descend from is net/http's BaseContext.
func TestCanPassCoroutineContextFromOutside(t *testing.T) {
	type element struct{}
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, answer(func(c *app.Call) error {
			text, _ := c.Context().Value(element{}).(string)
			return c.RespondText(text)
		}), mode, apptest.Engine(engine.HTTPServer(func(s *http.Server) {
			base := s.BaseContext
			s.BaseContext = func(l net.Listener) context.Context {
				return context.WithValue(base(l), element{}, "test")
			}
		})))
		require.Equal(t, "test", apptest.Text(t, host.Get("/")))
	})
}

func TestStreamingResponse(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		messages := make(chan string, 6)
		host := apptest.Start(t, answer(func(c *app.Call) error {
			for i := range 3 {
				messages <- fmt.Sprintf("Test %d", i)
				if err := flushed(c, fmt.Sprintf("Test %d\n", i)); err != nil {
					return err
				}
				time.Sleep(50 * time.Millisecond)
			}
			return nil
		}), mode)
		body := host.Get("/").Body
		var line [len("Test 0\n")]byte
		for {
			if _, err := io.ReadFull(body, line[:]); err != nil {
				require.ErrorIs(t, err, io.EOF)
				break
			}
			messages <- "[Client] " + strings.TrimSpace(string(line[:]))
		}
		close(messages)
		var collected []string
		for message := range messages {
			collected = append(collected, message)
		}
		require.Equal(t, []string{"Test 0", "[Client] Test 0", "Test 1", "[Client] Test 1", "Test 2", "[Client] Test 2"}, collected)
	})
}

// TestVirtualTimeIsSupported is Ktor's "check virtual time is supported".
func TestVirtualTimeIsSupported(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, answer(func(c *app.Call) error {
			ctx, cancel := context.WithTimeout(c.Context(), 20*time.Second)
			defer cancel()
			select {
			case <-ctx.Done():
			case <-time.After(time.Hour):
			}
			return c.RespondText("OK")
		}), mode)
		began := time.Now()
		require.Equal(t, "OK", apptest.Text(t, host.Get("/")))
		require.Equal(t, 20*time.Second, time.Since(began))
	})
}

// TestCustomDispatcher differs: there is no dispatcher to hand in, the bubble's
// clock jumps.
func TestCustomDispatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, answer(func(c *app.Call) error {
			time.Sleep(10 * time.Second)
			time.Sleep(10 * time.Second)
			return c.RespondText("OK")
		}))
		began := time.Now()
		require.Equal(t, http.StatusOK, host.Get("/").StatusCode)
		require.Equal(t, 20*time.Second, time.Since(began))
	})
}

// TestLongRequest differs: net/http has to be told that a body is read while the
// response is written.
func TestLongRequest(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, answer(func(c *app.Call) error {
			body, err := app.Receive[io.Reader](c)
			if err := errors.Join(err, http.NewResponseController(c.Writer()).EnableFullDuplex()); err != nil {
				return err
			}
			return c.Respond(body)
		}), mode)
		content := strings.Repeat("\x00", 25<<10)
		require.Equal(t, content, apptest.Text(t, host.Post("/", "application/octet-stream", strings.NewReader(content))))
	})
}

func TestResponseAwait(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/good", func(c *app.Call) error { return c.RespondText("The Response") })
				r.Get("/broken", func(c *app.Call) error {
					time.Sleep(100 * time.Millisecond)
					return c.RespondText("The Response")
				})
				r.Get("/fail", func(*app.Call) error { return errors.New("Handle me") })
			})
		}, mode)
		for _, path := range []string{"/good", "/broken"} {
			response := host.Get(path)
			require.Equal(t, http.StatusOK, response.StatusCode)
			require.Equal(t, "The Response", apptest.Text(t, response))
		}
		require.Equal(t, http.StatusInternalServerError, host.Get("/fail").StatusCode)
	})
}

// TestAccessNotExistingRoute is Ktor's accessNotExistingRouteTest.
func TestAccessNotExistingRoute(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, get("/exist", "Routing exist"), mode)
		require.Equal(t, http.StatusNotFound, host.Get("/notExist").StatusCode)
		require.Equal(t, http.StatusOK, host.Get("/exist").StatusCode)
	})
}

func TestMultipart(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Post("/multipart", func(c *app.Call) error {
					for part, err := range c.ReceiveMultipart() {
						if err != nil {
							return err
						}
						content, err := io.ReadAll(part)
						if err != nil {
							return err
						}
						return c.RespondText(part.FileName() + ": " + string(content))
					}
					return nil
				})
			})
		}, mode)
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		file, err := form.CreateFormFile("file", "test.jpg")
		require.NoError(t, err)
		_, err = io.WriteString(file, "BODY")
		require.NoError(t, errors.Join(err, form.Close()))
		response := host.Post("/multipart", form.FormDataContentType(), &body)
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Equal(t, "test.jpg: BODY", apptest.Text(t, response))
	})
}
