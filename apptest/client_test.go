package apptest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// visits counts the visits of a user in a cookie and redirects the first one.
var visits = answer(func(c *app.Call) error {
	if _, ok := c.Cookie("visited"); ok {
		return c.RespondText("welcome back")
	}
	if c.Request.URL.Path == "/new" {
		return c.RespondText("welcome")
	}
	c.SetCookie(&http.Cookie{Name: "visited", Value: "yes", Path: "/"})
	return c.RespondRedirect("/new")
})

func TestClientsAreUsers(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, visits, mode)
		alice, bob := host.NewClient(apptest.Cookies()), host.NewClient(apptest.Cookies())
		require.Equal(t, "welcome back", apptest.Text(t, alice.Get("/")))
		require.Equal(t, "welcome", apptest.Text(t, bob.Get("/new")))
		require.Equal(t, "welcome", apptest.Text(t, host.Get("/")))
	})
}

func TestNoRedirects(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, visits, mode)
		client := host.NewClient(apptest.NoRedirects(), apptest.Cookies())
		response := client.Get("/")
		require.Equal(t, http.StatusFound, response.StatusCode)
		require.Equal(t, "/new", response.Header.Get("Location"))
		require.Equal(t, "welcome back", apptest.Text(t, client.Get("/new")))
	})
}

func TestClientHasItsOwnConnections(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, answer(func(c *app.Call) error { return c.RespondText(c.Request.RemoteAddr) }), mode)
		other := host.NewClient()
		first := apptest.Text(t, host.Get("/"))
		require.Equal(t, first, apptest.Text(t, host.Get("/")))
		second := apptest.Text(t, other.Get("/"))
		require.NotEqual(t, first, second)
		require.Equal(t, second, apptest.Text(t, other.Get("/")))
		require.NotEqual(t, second, apptest.Text(t, other.Get("https://localhost/")))
	})
}

func TestMethodsOfClient(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		client := apptest.Start(t, answer(func(c *app.Call) error {
			text, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText(c.Request.Method + " " + c.Request.Header.Get("X-Test") + " " + text)
		}), mode).NewClient()
		header := apptest.Header("X-Test", "1")
		require.Equal(t, "GET 1 ", apptest.Text(t, client.Get("/", header)))
		require.Equal(t, int64(len("HEAD 1 ")), client.Head("/", header).ContentLength)
		require.Equal(t, "POST 1 ", apptest.Text(t, client.Post("/", "text/plain", nil, header)))
		require.Equal(t, "PUT 1 ", apptest.Text(t, client.Do(http.MethodPut, "/", nil, header)))
	})
}

func TestHTTPVersion(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, Module, mode)
		require.Equal(t, "HTTP/1.1", host.NewClient(apptest.HTTPVersion(1)).Get("/").Proto)
		require.Equal(t, "HTTP/1.1", host.NewClient(apptest.HTTPVersion(1)).Get("https://localhost/").Proto)
		require.Equal(t, host.Get("/").Proto, host.Get("https://localhost/").Proto)
	})
	host := apptest.Start(t, Module, apptest.H2C())
	require.Equal(t, "HTTP/2.0", host.NewClient(apptest.HTTPVersion(2)).Get("/").Proto)
	require.Equal(t, "HTTP/1.1", host.NewClient(apptest.HTTPVersion(1), testClientPlugin).Get("/").Proto)
	require.Equal(t, "HTTP/2.0", host.NewClient(testClientPlugin, apptest.HTTPVersion(1)).Get("/").Proto)
}

func TestHTTPVersionOfHost(t *testing.T) {
	r := record(t, func(r *recorder) { apptest.Start(r, Module).NewClient(apptest.HTTPVersion(2)) })
	require.Equal(t, []string{"new client: it speaks HTTP/2 and the host does not: start the host with the option H2C"}, r.failures)
}
