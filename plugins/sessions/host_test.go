package sessions_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

// User is what most tests keep.
type User struct {
	Name string
	Cart []string
}

var users = sessions.New("user", func(o *sessions.Options[User]) {
	o.Owner = func(u User) string { return u.Name }
})

// key returns a key of any length, a different one for each seed.
func key(seed byte, length int) []byte {
	key := bytes.Repeat([]byte{seed}, length)
	key[0]++
	return key
}

// signed, encrypted and byID are the usual ways to keep users.
func signed(c *sessions.CookieConfig)    { c.Sign(key(1, 32)) }
func encrypted(c *sessions.CookieConfig) { c.Encrypt(key(1, 32)) }

func in(storage sessions.Storage) func(*sessions.CookieConfig) {
	return func(c *sessions.CookieConfig) { c.Storage = storage }
}

func ways() map[string]func(*sessions.CookieConfig) {
	return map[string]func(*sessions.CookieConfig){
		"signed": signed, "encrypted": encrypted, "by ID": in(sessions.NewMemory()),
		"both":         func(c *sessions.CookieConfig) { c.Encrypt(key(2, 16)); c.Sign(key(1, 40)) },
		"by signed ID": func(c *sessions.CookieConfig) { c.Storage = sessions.NewMemory(); c.Sign(key(1, 32)) },
	}
}

// cookie is the plugin with users in a cookie.
func cookie(configure ...func(*sessions.CookieConfig)) app.Installable {
	return sessions.Plugin.With(func(c *sessions.Config) { c.Cookie(users, configure...) })
}

func installed(plugin app.Installable) app.Module {
	return func(a *app.Application) { a.Install(plugin) }
}

// service is what the clients of most tests call.
func service(r *routing.Route) {
	answer := func(c *app.Call, err error) error {
		if err != nil {
			return err
		}
		user, ok, err := users.Get(c)
		if !ok || err != nil {
			return cmpError(err, c.RespondText("nobody"))
		}
		return c.RespondText(user.Name + " " + strings.Join(user.Cart, ","))
	}
	r.Get("/none", func(c *app.Call) error { return c.RespondText("none") })
	r.Get("/get", func(c *app.Call) error { return answer(c, nil) })
	r.Get("/set/{name}", func(c *app.Call) error { return answer(c, users.Set(c, User{Name: c.PathParam("name")})) })
	r.Get("/add/{item}", func(c *app.Call) error {
		user, _, err := users.Get(c)
		if err != nil {
			return err
		}
		user.Cart = append(user.Cart, c.PathParam("item"))
		return answer(c, users.Set(c, user))
	})
	r.Get("/large/{name}", func(c *app.Call) error {
		if err := users.Set(c, User{Name: c.PathParam("name")}); err != nil {
			return err
		}
		_, err := c.Writer().Write(make([]byte, 10_000))
		return err
	})
	r.Get("/clear", func(c *app.Call) error { return answer(c, users.Clear(c)) })
	r.Get("/renew", func(c *app.Call) error { return answer(c, users.RenewID(c)) })
	r.Get("/clear-id/{id}", func(c *app.Call) error { return answer(c, users.ClearID(c, c.PathParam("id"))) })
	r.Get("/clear-owner/{name}", func(c *app.Call) error { return answer(c, users.ClearOwner(c, c.PathParam("name"))) })
	r.Get("/id", func(c *app.Call) error {
		id, _ := users.ID(c)
		return c.RespondText(id)
	})
}

func cmpError(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

func routed(c *app.Application) { routing.Routes(c, service) }

// start starts a host with the plugin and the service.
func start(t testing.TB, plugin app.Installable, options ...apptest.Option) *apptest.Host {
	return apptest.Start(t, func(a *app.Application) {
		a.Install(plugin)
		routed(a)
	}, options...)
}

// visitor is a client that keeps cookies.
type visitor struct {
	testing.TB
	*apptest.Client
}

func visit(t testing.TB, host *apptest.Host) visitor {
	return visitor{t, host.NewClient(apptest.Cookies(), apptest.NoRedirects())}
}

// gets returns the text of a response that is 200.
func (v visitor) gets(path string, options ...apptest.RequestOption) string {
	v.Helper()
	response := v.Get(path, options...)
	require.Equal(v, http.StatusOK, response.StatusCode, path)
	return text(v, response)
}

func text(t testing.TB, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

// sent returns the cookie that a response sets, nil if it sets none.
func sent(t testing.TB, response *http.Response, name string) *http.Cookie {
	t.Helper()
	var found *http.Cookie
	for _, cookie := range response.Cookies() {
		if cookie.Name == name {
			require.Nil(t, found, "set twice")
			found = cookie
		}
	}
	return found
}

// with sends a cookie.
func with(name, value string) apptest.RequestOption {
	return apptest.Header("Cookie", name+"="+value)
}

// problems returns the mistakes of a plugin, with what comes before them cut off.
func problems(t *testing.T, plugin app.Installable) []string {
	t.Helper()
	err := apptest.StartError(t, installed(plugin))
	if err == nil {
		return nil
	}
	var all []string
	for line := range strings.Lines(err.Error()) {
		_, mistake, _ := strings.Cut(strings.TrimSpace(line), "install Sessions: ")
		all = append(all, mistake)
	}
	return all
}
