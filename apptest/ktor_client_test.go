package apptest_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

func TestExternalServices(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		external := get("/", "EXTERNAL OK")
		host := apptest.Start(t, get("/", "OK"), mode,
			apptest.ExternalService("http://www.google.com:123", external),
			apptest.ExternalService("https://google.com", external))
		require.Equal(t, "OK", apptest.Text(t, host.Get("/")))
		require.Equal(t, "EXTERNAL OK", apptest.Text(t, host.Get("http://www.google.com:123")))
		require.Equal(t, "EXTERNAL OK", apptest.Text(t, host.Get("https://google.com")))
		for address, authority := range map[string]string{
			"http://google.com:123":  "http://google.com:123",
			"http://google.com":      "http://google.com:80",
			"https://www.google.com": "https://www.google.com:443",
		} {
			_, err := fetch(host.Client(), address)
			require.EqualError(t, err, `Get "`+address+`": nobody answers at `+authority+
				": the host is http://localhost and https://localhost, external services are http://www.google.com:123, https://google.com")
		}
	})
}

func TestCanAccessClient(t *testing.T) {
	type config struct{ client *http.Client }
	plugin := app.NewPlugin("test", func() config { return config{} }, func(b *app.PluginBuilder[config]) error {
		client := b.Config().client
		b.OnCall(func(c *app.Call) error {
			value, err := fetch(client, "https://test.com")
			c.Header().Set("test", value)
			return err
		})
		return nil
	})
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.New(t, mode, apptest.ExternalService("https://test.com", get("/", "TEST_VALUE")))
		host.Start(func(a *app.Application) {
			a.Install(plugin.With(func(c *config) { c.client = host.Client() }))
		}, get("/", "OK"))
		response := host.Get("/")
		require.Equal(t, "OK", apptest.Text(t, response))
		require.Equal(t, "TEST_VALUE", response.Header.Get("test"))
	})
}

func TestTestingSchema(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/echo", func(c *app.Call) error {
					scheme := "http"
					if c.Request.TLS != nil {
						scheme = "https"
					}
					return c.RespondText(scheme)
				})
			})
		}, mode)
		require.Equal(t, "http", apptest.Text(t, host.Get("/echo")))
		require.Equal(t, "https", apptest.Text(t, host.Get("https://localhost/echo")))
	})
}

func TestManualStartAndClientCallAfter(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.New(t, mode, apptest.ExternalService("https://test.com", get("/", "OK")))
		host.Start(relay(host.Client(), "https://test.com"))
		require.Equal(t, "OK", apptest.Text(t, host.Get("/")))
	})
}

func TestClientWithTimeout(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.New(t, mode, apptest.ExternalService("http://fake.site.io", get("/toto", "OK")))
		client := host.NewClient(func(c *http.Client) { c.Timeout = time.Minute })
		host.Start(relay(client.HTTP(), "http://fake.site.io/toto"))
		require.Equal(t, "OK", apptest.Text(t, host.Get("/")))
	})
}

func TestClientConfiguration(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, get("/hello", "Hello, World!"), mode)
		client := host.NewClient()
		require.NotSame(t, host.Client(), client.HTTP())
		response := client.Get("/hello")
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Equal(t, "Hello, World!", apptest.Text(t, response))
	})
}

// The four tests of socket time-outs differ: net/http's client has one time-out
// for the whole exchange.

func testSocketTimeoutRead(t *testing.T, timeout time.Duration, check func(t *testing.T, text string, err error)) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, answer(func(c *app.Call) error {
			err := flushed(c, "Hello")
			time.Sleep(300 * time.Millisecond)
			return err
		}), mode)
		client := host.NewClient(func(c *http.Client) { c.Timeout = timeout })
		began := time.Now()
		text, err := fetch(client.HTTP(), host.URL)
		require.Equal(t, min(timeout, 300*time.Millisecond), time.Since(began))
		check(t, text, err)
	})
}

func TestSocketTimeoutReadElapsed(t *testing.T) {
	testSocketTimeoutRead(t, 100*time.Millisecond, func(t *testing.T, text string, err error) {
		require.Error(t, err)
		// Over HTTP/2 the server's response to the client's reset may come first.
		if !strings.Contains(t.Name(), "h2c") {
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
		require.Equal(t, "Hello", text)
	})
}

func TestSocketTimeoutReadNotElapsed(t *testing.T) {
	testSocketTimeoutRead(t, time.Second, func(t *testing.T, text string, err error) {
		require.NoError(t, err)
		require.Equal(t, "Hello", text)
	})
}

func testSocketTimeoutWrite(t *testing.T, timeout time.Duration, check func(t *testing.T, response *http.Response, err error)) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, answer(func(c *app.Call) error {
			text, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText(text)
		}), mode)
		body, slow := io.Pipe()
		var writing sync.WaitGroup
		defer writing.Wait()
		writing.Go(func() {
			_, _ = io.WriteString(slow, "Hello")
			time.Sleep(300 * time.Millisecond)
			_, _ = io.WriteString(slow, "World")
			_ = slow.Close()
		})
		client := host.NewClient(func(c *http.Client) { c.Timeout = timeout })
		response, err := client.HTTP().Post(host.URL, "text/plain", body)
		check(t, response, err)
	})
}

func TestSocketTimeoutWriteElapsed(t *testing.T) {
	testSocketTimeoutWrite(t, 100*time.Millisecond, func(t *testing.T, _ *http.Response, err error) {
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestSocketTimeoutWriteNotElapsed(t *testing.T) {
	testSocketTimeoutWrite(t, time.Second, func(t *testing.T, response *http.Response, err error) {
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "HelloWorld", strings.TrimSpace(apptest.Text(t, response)))
		assert.NoError(t, response.Body.Close())
	})
}
