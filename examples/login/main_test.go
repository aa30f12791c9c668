package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// logIn posts the form of the page at path.
func logIn(client *apptest.Client, path, name, password string) *http.Response {
	form := url.Values{"user": {name}, "password": {password}}
	return client.Post(path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func browser(host *apptest.Host) *apptest.Client {
	return host.NewClient(apptest.Cookies(), apptest.NoRedirects())
}

// loggedIn returns a browser of a user.
func loggedIn(t *testing.T, host *apptest.Host, name string) *apptest.Client {
	t.Helper()
	client := browser(host)
	response := logIn(client, "/login", name, "password")
	require.Equal(t, http.StatusFound, response.StatusCode)
	require.Equal(t, "/", response.Header.Get("Location"))
	return client
}

// names returns the types of the events that are left in a stream.
func names(t *testing.T, response *http.Response) []string {
	t.Helper()
	var all []string
	for event := range ssetest.Events(t, response.Body) {
		if event.Event != "" {
			all = append(all, event.Event)
		}
	}
	return all
}

func TestWhoIsLetIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module(t.TempDir()))
		client := browser(host)
		assert.Equal(t, "/login?return_to=%2F", client.Get("/").Header.Get("Location"))
		assert.Equal(t, http.StatusUnauthorized, client.Get("/events").StatusCode, "a stream is sent nowhere")
		assert.Equal(t, http.StatusOK, client.Get("/page/style.css").StatusCode)
		for _, who := range [][2]string{{"ada", "wrong"}, {"eve", "password"}} {
			response := logIn(client, "/login?return_to=%2Fnews", who[0], who[1])
			assert.Equal(t, "/login?why=wrong&return_to=%2Fnews", response.Header.Get("Location"))
		}
		assert.Equal(t, "/news", logIn(client, "/login?return_to=%2Fnews", "ada", "password").Header.Get("Location"))
		assert.Equal(t, "/", logIn(client, "/login?return_to=%2F%2Fevil.example", "ada", "password").Header.Get("Location"))
		assert.Equal(t, http.StatusOK, client.Get("/").StatusCode)

		forged := apptest.Header("Origin", "https://evil.example")
		assert.Equal(t, http.StatusForbidden, client.Post("/logout", "text/plain", http.NoBody, forged).StatusCode)
	})
}

// TestLogOut: all streams of a user are told, and those of nobody else.
func TestLogOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module(t.TempDir()))
		tab := loggedIn(t, host, "ada")
		ofTab := tab.Get("/events")
		synctest.Wait()
		phone, bob := loggedIn(t, host, "ada"), loggedIn(t, host, "bob")
		ofPhone, ofBob := phone.Get("/events"), bob.Get("/events")
		assert.Equal(t, http.StatusOK, ofPhone.StatusCode)
		synctest.Wait()
		assert.Equal(t, "/login?why=logged-out", tab.Post("/logout", "text/plain", http.NoBody).Header.Get("Location"))
		assert.Equal(t, []string{"hello", "login", "logged-out"}, names(t, ofTab))
		assert.Equal(t, []string{"hello", "logged-out"}, names(t, ofPhone))
		assert.Equal(t, http.StatusUnauthorized, phone.Get("/events").StatusCode)
		assert.Equal(t, "hello", ssetest.Take(t, ofBob.Body, 1)[0].Event)
		assert.Equal(t, http.StatusOK, bob.Get("/").StatusCode)
	})
}

// TestExpiry: a stream ends with its session, and comes back if that was renewed by
// other calls.
func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module(t.TempDir()))
		ada := loggedIn(t, host, "ada")
		began := time.Now()
		first := ada.Get("/events")
		time.Sleep(4 * 24 * time.Hour)
		assert.Equal(t, http.StatusOK, ada.Get("/").StatusCode)
		assert.Equal(t, []string{"hello"}, names(t, first))
		assert.Equal(t, 7*24*time.Hour, time.Since(began))
		assert.Equal(t, []string{"hello", "expired"}, names(t, ada.Get("/events")))
	})
}

func TestExpiryOfASessionThatNobodyRenews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module(t.TempDir()))
		ada := loggedIn(t, host, "ada")
		began := time.Now()
		assert.Equal(t, []string{"hello", "expired"}, names(t, ada.Get("/events")))
		assert.Equal(t, 7*24*time.Hour, time.Since(began))
		assert.Equal(t, http.StatusUnauthorized, ada.Get("/events").StatusCode)
	})
}

// TestLogOutInThatMoment: a stream that was let in, and is not open yet when its
// user logs out, ends as well.
func TestLogOutInThatMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		directory := t.TempDir()
		host := apptest.Start(t, func(a *app.Application) {
			Module(directory)(a)
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/late", func(c *app.Call) error {
					require.NoError(t, current.ClearOwner(c, "ada"))
					return sse.Respond(c, func(s *sse.Session) error { return s.SendText("secret") })
				})
			})
		})
		ada := loggedIn(t, host, "ada")
		began := time.Now()
		assert.Equal(t, []string{"expired"}, names(t, ada.Get("/late")))
		assert.Zero(t, time.Since(began))
	})
}

// TestRestart: a session is a file, and outlasts the server.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		directory := t.TempDir()
		before := apptest.Start(t, Module(directory))
		cookie := logIn(browser(before), "/login", "ada", "password").Cookies()[0]
		before.Stop()
		after := apptest.Start(t, Module(directory))
		again := after.Get("/events", func(r *http.Request) { r.AddCookie(cookie) })
		assert.Equal(t, "hello", ssetest.Take(t, again.Body, 1)[0].Event)
	})
}
