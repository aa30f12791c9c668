package apptest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// whoami answers with what a service sees of a request.
var whoami = answer(func(c *app.Call) error {
	scheme := "http"
	if c.Request.TLS != nil {
		scheme = "https"
	}
	return c.RespondText(scheme + " " + c.Request.Host + " " + c.Request.RequestURI)
})

func TestServiceAddresses(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, whoami, mode,
			apptest.ExternalService("https://API.example.com/", whoami),
			apptest.ExternalService("http://api.example.com:8443", whoami),
			apptest.ExternalService("http://[2001:db8::1]", whoami))
		for _, address := range []string{
			"http://api.example.com", "https://api.example.com:8443", "http://localhost:81", "https://localhost:80",
		} {
			_, err := fetch(host.Client(), address)
			require.ErrorContains(t, err, "nobody answers at "+address, address)
		}
		for address, want := range map[string]string{
			"/a?b=c":                            "http localhost /a?b=c",
			"http://localhost:80/":              "http localhost:80 /",
			"https://LOCALHOST/":                "https LOCALHOST /",
			"https://api.example.com/a?b=c":     "https api.example.com /a?b=c",
			"https://Api.Example.com:443/":      "https Api.Example.com:443 /",
			"http://api.example.com:8443/":      "http api.example.com:8443 /",
			"http://[2001:db8::1]/":             "http [2001:db8::1] /",
			"http://user:word@[2001:DB8::1]:80": "http [2001:DB8::1]:80 /",
		} {
			require.Equal(t, want, apptest.Text(t, host.Get(address)), address)
		}
	})
}

func TestServiceAddressThatIsNone(t *testing.T) {
	none := `external service: %s is not a scheme, http or https, a host and perhaps a port`
	for address, want := range map[string]string{
		"":                          none,
		"api.example.com":           none,
		"//api.example.com":         none,
		"ftp://api.example.com":     none,
		"http://":                   none,
		"http://:80":                none,
		"https://api.example.com/a": none,
		"https://api.example.com?a": none,
		"https://api.example.com#a": none,
		"https://a@api.example.com": none,
		"https://api.example.com:x": `external service: parse %s: invalid port ":x" after host`,
		"http://localhost":          `external service: %s is taken`,
		"https://localhost:443":     `external service: %s is taken`,
		"http://TAKEN.test:80/":     `external service: %s is taken`,
	} {
		r := record(t, func(r *recorder) {
			apptest.New(r, apptest.ExternalService("http://taken.test", Module), apptest.ExternalService(address, Module))
		})
		require.Equal(t, []string{"start host: " + strings.Replace(want, "%s", `"`+address+`"`, 1)}, r.failures)
	}
}

// TestWayOfALogin follows a redirect to a service and back, with cookies for
// each.
func TestWayOfALogin(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		login := answer(func(c *app.Call) error {
			c.SetCookie(&http.Cookie{Name: "login", Value: "1", Secure: true})
			return c.RespondRedirect("http://localhost/back?code=7")
		})
		host := apptest.Start(t, answer(func(c *app.Call) error {
			if c.Request.URL.Path == "/" {
				c.SetCookie(&http.Cookie{Name: "shop", Value: "2"})
				return c.RespondRedirect("https://login.test/")
			}
			return c.RespondText(c.QueryParam("code") + " " + c.Request.Header.Get("Cookie"))
		}), mode, apptest.ExternalService("https://login.test", login))
		user := host.NewClient(apptest.Cookies())
		require.Equal(t, "7 shop=2", apptest.Text(t, user.Get("/")))
	})
}

func TestServiceBesideLoopback(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.New(t, mode, apptest.Loopback(), apptest.ExternalService("https://api.test", whoami))
		host.Start(relay(host.Client(), "https://api.test/a"))
		require.Equal(t, "https api.test /a", apptest.Text(t, host.Get("/")))
		_, err := fetch(host.Client(), "http://localhost")
		require.ErrorContains(t, err, "nobody answers at http://localhost:80: the host is "+host.URL)
	})
}

// TestServiceCallsBack has a service that calls the host while the host calls
// it.
func TestServiceCallsBack(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		var host *apptest.Host
		host = apptest.New(t, mode, apptest.ExternalService("https://pay.test", answer(func(c *app.Call) error {
			text, err := fetch(host.Client(), host.URL+"/paid")
			if err != nil {
				return err
			}
			return c.RespondText("pay: " + text)
		})))
		host.Start(answer(func(c *app.Call) error {
			if c.Request.URL.Path == "/paid" {
				return c.RespondText("thanks")
			}
			text, err := fetch(host.Client(), "https://pay.test")
			if err != nil {
				return err
			}
			return c.RespondText("shop: " + text)
		}))
		require.Equal(t, "shop: pay: thanks", apptest.Text(t, host.Get("/")))
	})
}

func TestServiceThatIsLost(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.New(t, mode, apptest.ExternalService("https://api.test", answer(func(*app.Call) error { return http.ErrAbortHandler })))
		failures := make(chan error, 1)
		host.Start(answer(func(c *app.Call) error {
			_, err := fetch(host.Client(), "https://api.test")
			failures <- err
			return app.NewError(http.StatusBadGateway, "the service is away")
		}))
		require.Equal(t, http.StatusBadGateway, host.Get("/").StatusCode)
		require.Error(t, <-failures)
		host.Stop()
		_, err := fetch(host.Client(), "https://api.test")
		require.ErrorContains(t, err, "connection refused")
	})
}

func TestServiceLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := record(t, func(r *recorder) {
			host := apptest.Start(r, Module, apptest.ExternalService("https://api.test", answer(func(*app.Call) error {
				return errors.New("out of paper")
			})))
			require.Equal(t, http.StatusInternalServerError, host.Get("https://api.test/").StatusCode)
			synctest.Wait()
			require.Empty(t, host.Log().AtLeast(0).Find("failed"))
		})
		require.Regexp(t, `level=ERROR msg="the call failed" service=https://api.test error="out of paper"`, r.output.String())
		require.Empty(t, r.failures)
	})
}
