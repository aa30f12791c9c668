package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// TestKtorHttpServerCommonTestSuite_answers: what leaves.
func TestKtorHttpServerCommonTestSuite_answers(t *testing.T) {
	noRedirects := func(host *apptest.Host) {
		host.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	runKtor(t, map[string]ktorCase{
		"testRedirect": {routed(func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondPermanentRedirect("http://localhost:8080/page") })
		}), func(t *testing.T, host *apptest.Host) {
			noRedirects(host)
			response := host.Get("/")
			expect(t, response, http.StatusMovedPermanently, "")
			assert.Equal(t, "http://localhost:8080/page", response.Header.Get("Location"))
			assert.NotContains(t, response.Header, "Content-Type")
		}},
		"testRedirectFromInterceptor": {func(a *app.Application) {
			a.Intercept(app.PhasePlugins, func(app.Handler) app.Handler {
				return func(c *app.Call) error { return c.RespondPermanentRedirect("/2") }
			})
		}, func(t *testing.T, host *apptest.Host) {
			noRedirects(host)
			response := host.Get("/1/")
			expect(t, response, http.StatusMovedPermanently, "")
			assert.Equal(t, "/2", response.Header.Get("Location"), "verbatim")
		}},
		"testHeader": {answering(func(c *app.Call) error {
			c.Header().Add("ETag", "test-etag")
			return c.RespondText("Hello")
		}), func(t *testing.T, host *apptest.Host) {
			response := host.Get("/")
			expect(t, response, http.StatusOK, "Hello")
			assert.Equal(t, "test-etag", response.Header.Get("ETag"))
			assert.Empty(t, response.TransferEncoding)
			assert.Equal(t, "5", response.Header.Get("Content-Length"))
		}},
		"testAllHeaders": {answering(func(c *app.Call) error {
			c.Header().Add("Name-1", "value-1")
			c.Header().Add("Name-1", "value-2")
			c.Header().Add("Name-2", "value")
			return c.RespondText(fmt.Sprint(c.Header()))
		}), func(t *testing.T, host *apptest.Host) {
			text := apptest.Text(t, host.Get("/"))
			assert.Contains(t, text, "Name-1:[value-1 value-2]")
			assert.Contains(t, text, "Name-2:[value]")
		}},
		"testCookie": {answering(func(c *app.Call) error {
			return errors.Join(c.SetCookie(&http.Cookie{Name: "k1", Value: "v1"}), c.RespondText("Hello"))
		}), func(t *testing.T, host *apptest.Host) {
			assert.Equal(t, "k1=v1", host.Get("/").Header.Get("Set-Cookie"), "no $x-enc")
		}},
		"test404": {routed(func(*routing.Route) {}), func(t *testing.T, host *apptest.Host) {
			expect(t, host.Get("/"), http.StatusNotFound, "")
			expect(t, host.Get("/aaaa"), http.StatusNotFound, "")
		}},
		"testStatusCodeDirect": {answering(func(c *app.Call) error {
			c.SetStatus(http.StatusFound)
			return c.Respond("Hello")
		}), func(t *testing.T, host *apptest.Host) {
			noRedirects(host)
			expect(t, host.Get("/"), http.StatusFound, "Hello")
		}},
		"testStatusCodeViaResponseObject": {answering(func(c *app.Call) error {
			return c.RespondStatus(http.StatusFound)
		}), func(t *testing.T, host *apptest.Host) {
			noRedirects(host)
			expect(t, host.Get("/"), http.StatusFound, "")
		}},
		"testNoRespond": {routed(func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				c.SetStatus(http.StatusAccepted)
				c.Header().Set("Custom-Header", "Custom value")
				return nil
			})
		}), func(t *testing.T, host *apptest.Host) {
			response := host.Get("/")
			expect(t, response, http.StatusAccepted, "")
			assert.Equal(t, "Custom value", response.Header.Get("Custom-Header"))
		}},
		"testErrorInBodyAndStatusIsSet": {func(a *app.Application) {
			fails := true
			a.InterceptSend(app.SendTransform, func(*app.Call, *app.Outgoing) error {
				if fails = !fails; !fails {
					return app.NewError(http.StatusInternalServerError, "Test exception")
				}
				return nil
			})
			answering(func(c *app.Call) error {
				c.SetStatus(http.StatusOK)
				return c.RespondText("OK")
			})(a)
		}, gets("/", http.StatusInternalServerError, "Test exception")},
		"testErrorInBodyClosesConnection":                  {answering(firstSecondError), isCutOff},
		"testErrorInBodyClosesConnectionWithContentLength": {answering(func(c *app.Call) error { c.Header().Set("Content-Length", "100"); return firstSecondError(c) }), isCutOff},
	})
}

func isCutOff(t *testing.T, host *apptest.Host) {
	response := host.Get("/")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	data, err := io.ReadAll(response.Body)
	require.Error(t, err)
	assert.Equal(t, "first\nsecond\n", string(data), "what was flushed arrives")
}

// TestKtorHttpServerCommonTestSuite_requests: what arrives.
func TestKtorHttpServerCommonTestSuite_requests(t *testing.T) {
	shows := func(show func(c *app.Call) any) app.Module {
		return answering(func(c *app.Call) error { return c.RespondText(fmt.Sprint(show(c))) })
	}
	runKtor(t, map[string]ktorCase{
		"testPathComponentsDecoding": {routed(func(r *routing.Route) {
			r.Get("/a%20b", text("space"))
			r.Get("/a+b", text("plus"))
		}), func(t *testing.T, host *apptest.Host) {
			expect(t, host.Get("/a%20b"), http.StatusOK, "space")
			expect(t, host.Get("/a+b"), http.StatusOK, "plus")
		}},
		"testFormUrlEncoded": {routed(func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				form, err := c.ReceiveForm()
				return errors.Join(err, c.RespondText(c.QueryParam("urlp")+","+form.Get("formp")))
			})
		}), func(t *testing.T, host *apptest.Host) {
			expect(t, host.Post("/?urlp=1", "application/x-www-form-urlencoded", strings.NewReader("formp=2")), http.StatusOK, "1,2")
		}},
		"testRequestParameters": {shows(func(c *app.Call) any { return c.Query()[strings.TrimPrefix(c.Request.URL.Path, "/")] }), func(t *testing.T, host *apptest.Host) {
			expect(t, host.Get("/single?single=value"), http.StatusOK, "[value]")
			expect(t, host.Get("/multiple?multiple=value1&multiple=value2"), http.StatusOK, "[value1 value2]")
			expect(t, host.Get("/missing"), http.StatusOK, "[]")
		}},
		"testRequestParts": {shows(func(c *app.Call) any {
			u := c.Request.URL
			return fmt.Sprintf("%s %s %s", u.EscapedPath(), u.RawQuery, c.Request.RequestURI)
		}), func(t *testing.T, host *apptest.Host) {
			expect(t, host.Get("/path/1?p=v"), http.StatusOK, "/path/1 p=v /path/1?p=v")
			expect(t, host.Get("/path/1?"), http.StatusOK, "/path/1  /path/1?")
			expect(t, host.Get("/path/1"), http.StatusOK, "/path/1  /path/1")
		}},
		"testRemoteAddress": {shows(func(c *app.Call) any { return c.Request.RemoteAddr }), func(t *testing.T, host *apptest.Host) {
			assert.Regexp(t, `^192\.0\.2\.\d+:\d+$`, apptest.Text(t, host.Get("/")))
		}},
		"testHeadersReturnCorrectly": {answering(func(c *app.Call) error {
			assert.Equal(t, []string{"foo"}, c.Request.Header.Values("X-Single-Value"))
			assert.Equal(t, []string{"foo", "bar"}, c.Request.Header.Values("X-Double-Value"), "not joined")
			assert.Nil(t, c.Request.Header.Values("X-Nonexistent-Header"))
			return c.RespondText("OK")
		}), func(t *testing.T, host *apptest.Host) {
			expect(t, host.Get("/", apptest.Header("X-Single-Value", "foo"), apptest.Header("X-Double-Value", "foo"),
				apptest.Header("X-Double-Value", "bar")), http.StatusOK, "OK")
		}},
		"queryParameterContainingSemicolon": {shows(func(c *app.Call) any {
			return fmt.Sprintf("%q %q", c.QueryParam("code"), c.Request.URL.RawQuery)
		}), func(t *testing.T, host *apptest.Host) {
			// As in net/http a pair with a semicolon is none: proxies disagree
			// about where it ends.
			expect(t, host.Get("/?code=01;21"), http.StatusOK, `"" "code=01;21"`)
			expect(t, host.Get("/?code=01%3B21"), http.StatusOK, `"01;21" "code=01%3B21"`)
		}},
		"testRawAndDecodedQueryParameter": {shows(func(c *app.Call) any {
			return c.QueryParam("key") + " from " + c.Request.URL.RawQuery
		}), gets("/?"+url.Values{"key": {"value&1+2 3"}}.Encode(), http.StatusOK, "value&1+2 3 from key=value%261%2B2+3")},
		"testQueryMethodWithBody": {routed(func(r *routing.Route) { r.Query("/", echoing[string]) }),
			func(t *testing.T, host *apptest.Host) {
				response := host.Do("QUERY", "/", strings.NewReader("name = 'Jet'"), apptest.Header("Content-Type", "text/plain"))
				expect(t, response, http.StatusOK, "name = 'Jet'")
			}},
		"testCanModifyRequestHeaders": {routed(func(r *routing.Route) {
			r.Install(onCall("plugin", func(c *app.Call) error {
				c.Request.Header.Del("deleted")
				c.Request.Header["Changed"] = []string{"new-value1", "new-value-2"}
				return nil
			}))
			r.Post("/", func(c *app.Call) error {
				assert.Equal(t, []string{"new-value1", "new-value-2"}, c.Request.Header.Values("changed"))
				assert.Nil(t, c.Request.Header.Values("deleted"))
				assert.Equal(t, []string{"old"}, c.Request.Header.Values("original"))
				received, err := c.ReceiveText()
				return errors.Join(err, c.RespondText(received))
			})
		}), func(t *testing.T, host *apptest.Host) {
			expect(t, host.Post("/", "text/plain", strings.NewReader("test"), apptest.Header("original", "old"),
				apptest.Header("deleted", "old"), apptest.Header("changed", "old")), http.StatusOK, "test")
		}},
		"testCanModifyRequestBody": {routed(func(r *routing.Route) {
			r.Install(onCall("plugin", func(c *app.Call) error {
				old := c.Request.Body
				c.Request.Body = io.NopCloser(io.MultiReader(strings.NewReader("start"), old, strings.NewReader("finish")))
				return nil
			}))
			r.Post("/", func(c *app.Call) error {
				received, err := c.ReceiveText()
				return errors.Join(err, c.RespondText(received))
			})
		}), func(t *testing.T, host *apptest.Host) {
			expect(t, host.Post("/", "text/plain", io.MultiReader(strings.NewReader("test"))), http.StatusOK, "starttestfinish")
		}},
		"testFlushingHeaders": {answering(func(c *app.Call) error {
			body, err := app.Receive[io.Reader](c)
			if err != nil {
				return err
			}
			c.Header().Set("Content-Type", "text/plain")
			controller := http.NewResponseController(c.Writer())
			if c.Request.ProtoMajor == 1 {
				err = controller.EnableFullDuplex()
			}
			if err := errors.Join(err, controller.Flush()); err != nil {
				return err
			}
			_, err = io.Copy(c.Writer(), body)
			return err
		}), func(t *testing.T, host *apptest.Host) {
			body, send := io.Pipe()
			// The response comes before a byte of the body was sent.
			response := host.Post("/", "text/plain", body)
			assert.Equal(t, "text/plain", response.Header.Get("Content-Type"))
			content := []byte{0, 1, 2, 3, 4}
			_, err := send.Write(content)
			require.NoError(t, errors.Join(err, send.Close()))
			data, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(content, data))
		}},
	})
}

// TestKtorHttpServerCommonTestSuite_calls: what a call is.
func TestKtorHttpServerCommonTestSuite_calls(t *testing.T) {
	var sent atomic.Int32
	runKtor(t, map[string]ktorCase{
		"testRequestTwiceNoKeepAlive": {answering(text("Text")), func(t *testing.T, host *apptest.Host) {
			for range 2 {
				expect(t, host.Get("/", func(r *http.Request) { r.Close = true }), http.StatusOK, "Text")
			}
		}},
		"testRequestTwiceWithKeepAlive": {answering(func(c *app.Call) error { return c.RespondText(c.Request.RemoteAddr) }), func(t *testing.T, host *apptest.Host) {
			first := apptest.Text(t, host.Get("/"))
			expect(t, host.Get("/"), http.StatusOK, first)
		}},
		"testHSTSWithCustomPlugin": {func(a *app.Application) {
			a.Install(app.NewPlugin("plugin", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
				b.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
					return func(c *app.Call) error { c.Request.URL.Scheme = "https"; return next(c) }
				})
				b.OnCall(func(c *app.Call) error { return c.RespondText("From plugin") })
				return nil
			}))
			a.Install(app.NewPlugin("HSTS", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
				b.OnCall(func(c *app.Call) error {
					if c.Request.URL.Scheme == "https" {
						c.Header().Set("Strict-Transport-Security", "max-age=1")
					}
					return nil
				})
				return nil
			}))
			routing.Routes(a, func(r *routing.Route) { r.Get("/", text("OK")) })
		}, func(t *testing.T, host *apptest.Host) {
			response := host.Get("/")
			expect(t, response, http.StatusOK, "From plugin")
			assert.Equal(t, "max-age=1", response.Header.Get("Strict-Transport-Security"), "a later plugin runs, although the call is answered")
		}},
		"testResponseSentCalledOnce": {routed(func(r *routing.Route) {
			r.Install(onSent("Plugin", func(*app.Call) { sent.Add(1) }))
			r.Get("/", func(c *app.Call) error { return errors.Join(c.RespondText("ok"), errBroken) })
		}), func(t *testing.T, host *apptest.Host) {
			sent.Store(0)
			// In Ktor "ok" is on the wire by then. Here the response is a value
			// until the handler has returned.
			expect(t, host.Get("/"), http.StatusInternalServerError, "Internal Server Error")
			synctest.Wait()
			assert.Equal(t, int32(1), sent.Load())
		}},
	})
}

// TestKtorHttpServerCommonTestSuite_testParentContextPropagates: the server's
// context is around those of the calls.
func TestKtorHttpServerCommonTestSuite_testParentContextPropagates(t *testing.T) {
	t.Parallel()
	type parentKey struct{}
	inParent := engine.HTTPServer(func(s *http.Server) {
		base := s.BaseContext
		s.BaseContext = func(l net.Listener) context.Context { return context.WithValue(base(l), parentKey{}, "parent") }
	})
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, answering(func(c *app.Call) error {
			return c.RespondText(c.Context().Value(parentKey{}).(string))
		}), mode, apptest.Engine(inParent))
		expect(t, host.Get("/"), http.StatusOK, "parent")
	})
}
