package sessions_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

type ctx = context.Context

var errDown = errors.New("the storage is down")

// failing fails if it is told to, and counts what it is asked for.
type failing struct {
	sessions.Storage

	fail, failLater bool
	asked           []string
}

func (s *failing) does(what string, later bool) error {
	s.asked = append(s.asked, what)
	if s.fail || later && s.failLater {
		return errDown
	}
	return nil
}

func (s *failing) Load(ctx ctx, key string) (sessions.Record, error) {
	if err := s.does("load", false); err != nil {
		return sessions.Record{}, err
	}
	return s.Storage.Load(ctx, key)
}

func (s *failing) Save(ctx ctx, key string, record sessions.Record) error {
	return cmpError(s.does("save", true), s.Storage.Save(ctx, key, record))
}

func (s *failing) Update(ctx ctx, key string, record sessions.Record) error {
	return cmpError(s.does("update", true), s.Storage.Update(ctx, key, record))
}

func (s *failing) Touch(ctx ctx, key string, expires time.Time) error {
	return cmpError(s.does("touch", true), s.Storage.Touch(ctx, key, expires))
}

func (s *failing) Delete(ctx ctx, key string) error {
	return cmpError(s.does("delete", true), s.Storage.Delete(ctx, key))
}

// TestOneAccess: what a storage is asked for by a call.
func TestOneAccess(t *testing.T) {
	storage := &failing{Storage: sessions.NewMemory()}
	host := withRoutes(t, cookie(in(storage)), func(r *routing.Route) {
		service(r)
		r.Get("/thrice", func(c *app.Call) error {
			for range 3 {
				if _, _, err := users.Get(c); err != nil {
					return err
				}
				if err := users.Set(c, User{Name: "x", Cart: []string{time.Now().String()}}); err != nil {
					return err
				}
			}
			return c.RespondText("ok")
		})
		r.Get("/set-clear", func(c *app.Call) error {
			return responds(c, errors.Join(users.Set(c, User{Name: "x"}), users.Clear(c)))
		})
		r.Get("/clear-set", func(c *app.Call) error {
			return responds(c, errors.Join(users.Clear(c), users.Set(c, User{Name: "y"})))
		})
		r.Get("/login", func(c *app.Call) error {
			return responds(c, errors.Join(users.RenewID(c), users.Set(c, User{Name: "z"}), users.RenewID(c)))
		})
	})
	client := visit(t, host)
	for _, step := range []struct {
		path string
		asks []string
	}{
		{"/none", nil},
		{"/get", nil},
		{"/set-clear", nil},
		{"/thrice", []string{"save"}},
		{"/thrice", []string{"load", "update"}},
		{"/none", nil},
		{"/get", []string{"load"}},
		{"/login", []string{"load", "save", "delete"}},
		{"/login", []string{"load", "save", "load", "delete"}}, // nobody else becomes its owner
		{"/clear-set", []string{"load", "save", "delete"}},
		{"/get", []string{"load"}},
		{"/set-clear", []string{"load", "delete"}},
		{"/get", nil},
	} {
		storage.asked = nil
		require.Equal(t, http.StatusOK, client.Get(step.path).StatusCode, step.path)
		assert.Equal(t, step.asks, storage.asked, step.path)
	}
}

// TestStorageThatFails: it is an error of whoever asks, and what cannot be kept is
// not sent.
func TestStorageThatFails(t *testing.T) {
	storage := &failing{Storage: sessions.NewMemory()}
	host := start(t, cookie(in(storage)), apptest.Configure(func(c *app.Config) { c.Development = true }))
	value := sent(t, host.Get("/set/alice"), "user").Value
	for path, want := range map[string]string{
		"/get": "load session user: the storage is down", "/set/bob": "load session user: the storage is down",
		"/clear": "load session user: the storage is down", "/clear-id/" + value: "load session user: the storage is down",
	} {
		storage.fail = true
		response := host.Get(path, with("user", value))
		storage.fail = false
		assert.Equal(t, http.StatusInternalServerError, response.StatusCode, path)
		assert.Equal(t, want, text(t, response), path)
		assert.Equal(t, "alice ", text(t, host.Get("/get", with("user", value))))
	}
	for _, path := range []string{"/set/bob", "/renew", "/clear"} {
		storage.failLater, storage.asked = true, nil
		response := host.Get(path, with("user", value))
		storage.failLater = false
		assert.Equal(t, http.StatusInternalServerError, response.StatusCode, path)
		assert.Equal(t, "send session user: the storage is down", text(t, response), path)
		assert.Nil(t, sent(t, response, "user"), path)
		assert.Len(t, storage.asked, 2, "it is not tried again for the answer that says so")
		assert.Equal(t, "none", text(t, host.Get("/none", with("user", value))))
	}
}

// TestOneOfTwoFails: what was kept is sent, also with the error for another.
func TestOneOfTwoFails(t *testing.T) {
	numbers, down := sessions.New[int]("number"), &failing{Storage: sessions.NewMemory(), failLater: true}
	host := withRoutes(t, sessions.Plugin.With(func(c *sessions.Config) {
		c.Cookie(users, in(sessions.NewMemory()))
		c.Cookie(numbers, in(down))
	}), func(r *routing.Route) {
		service(r)
		r.Get("/both", func(c *app.Call) error {
			return responds(c, errors.Join(users.RenewID(c), numbers.Set(c, 1)))
		})
	})
	before := sent(t, host.Get("/set/alice"), "user").Value
	response := host.Get("/both", with("user", before))
	assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
	assert.Nil(t, sent(t, response, "number"))
	assert.Equal(t, "alice ", text(t, host.Get("/get", with("user", sent(t, response, "user").Value))))
}

// panicking is a storage with a mistake in it.
type panicking struct{ sessions.Storage }

func (panicking) Load(ctx, string) (sessions.Record, error) { panic("out of order") }

// TestStorageThatPanics: the call ends as any other that panics.
func TestStorageThatPanics(t *testing.T) {
	host := start(t, cookie(in(panicking{sessions.NewMemory()})))
	set := sent(t, host.Get("/set/alice"), "user")
	assert.Equal(t, http.StatusInternalServerError, host.Get("/get", with("user", set.Value)).StatusCode)
}

// TestLogoutStands: a call that began before, and changes the session after.
func TestLogoutStands(t *testing.T) {
	storage := sessions.NewMemory()
	var host *apptest.Host
	host = withRoutes(t, cookie(in(storage)), func(r *routing.Route) {
		service(r)
		r.Get("/slow/{id}", func(c *app.Call) error {
			user, _, err := users.Get(c)
			require.NoError(t, err)
			user.Cart = append(user.Cart, "late")
			require.NoError(t, users.Set(c, user))
			require.Equal(t, "nobody", text(t, host.Get("/clear", with("user", c.PathParam("id")))))
			return c.RespondText("ok")
		})
	})
	id := sent(t, host.Get("/set/alice"), "user").Value
	response := host.Get("/slow/"+id, with("user", id))
	assert.Equal(t, "ok", text(t, response))
	assert.Nil(t, sent(t, response, "user"), "it may have another by now")
	nobody(t, host, id)
	assert.Zero(t, storage.Len())
}

// TestSlowCallOverALogin: a response that comes after that of a login, which has
// renewed the ID, takes nothing away.
func TestSlowCallOverALogin(t *testing.T) {
	for name, does := range map[string]func(c *app.Call) error{
		"reads": func(c *app.Call) error { _, _, err := users.Get(c); return err },
		"sets":  func(c *app.Call) error { return users.Set(c, User{Cart: []string{"late"}}) },
	} {
		t.Run(name, func(t *testing.T) {
			var host *apptest.Host
			var login *http.Response
			host = withRoutes(t, cookie(in(sessions.NewMemory()), func(c *sessions.CookieConfig) { c.Renew = 0 }), func(r *routing.Route) {
				service(r)
				r.Get("/slow/{id}", func(c *app.Call) error {
					if err := does(c); err != nil {
						return err
					}
					login = host.Get("/set/alice", with("user", c.PathParam("id")))
					return c.RespondText("ok")
				})
			})
			before := sent(t, host.Get("/add/x"), "user").Value
			assert.Nil(t, sent(t, host.Get("/slow/"+before, with("user", before)), "user"))
			after := sent(t, login, "user").Value
			assert.NotEqual(t, before, after)
			assert.Equal(t, "alice ", text(t, host.Get("/get", with("user", after))))
		})
	}
}

// TestReadersWriteNothing: a call that only reads, and renews, leaves what another
// has changed meanwhile.
func TestReadersWriteNothing(t *testing.T) {
	storage := sessions.NewMemory()
	var host *apptest.Host
	host = withRoutes(t, cookie(in(storage), func(c *sessions.CookieConfig) { c.Renew = 0 }), func(r *routing.Route) {
		service(r)
		r.Get("/slow/{id}", func(c *app.Call) error {
			user, _, err := users.Get(c)
			require.NoError(t, err)
			assert.Empty(t, user.Cart)
			require.Equal(t, "alice x", text(t, host.Get("/add/x", with("user", c.PathParam("id")))))
			return c.RespondText("ok")
		})
	})
	id := sent(t, host.Get("/set/alice"), "user").Value
	response := host.Get("/slow/"+id, with("user", id))
	assert.Equal(t, id, sent(t, response, "user").Value)
	assert.Equal(t, "alice x", text(t, host.Get("/get", with("user", id))))
}

func TestClearOwner(t *testing.T) {
	host := start(t, cookie(in(sessions.NewMemory())), apptest.Configure(func(c *app.Config) { c.Development = true }))
	first, second, third, bob := visit(t, host), visit(t, host), visit(t, host), visit(t, host)
	for _, device := range []visitor{first, second, third} {
		device.gets("/set/alice")
	}
	bob.gets("/set/bob")
	assert.Equal(t, "bob ", bob.gets("/clear-owner/carol"))
	assert.Equal(t, "nobody", second.gets("/clear-owner/alice"))
	for _, device := range []visitor{first, second, third} {
		assert.Equal(t, "nobody", device.gets("/get"))
	}
	assert.Equal(t, "bob ", bob.gets("/get"))
	assert.Equal(t, "bob ", bob.gets("/clear-owner/alice"), "by somebody else")
}

func TestClearOwnerThatCannotBe(t *testing.T) {
	others := sessions.New[string]("other")
	plain := sessions.New("plain", func(o *sessions.Options[string]) { o.Owner = func(s string) string { return s } })
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(users, signed)
			c.Cookie(others, in(sessions.NewMemory()))
			c.Cookie(plain, in(&failing{Storage: sessions.NewMemory()}))
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				require.EqualError(t, users.ClearOwner(c, "a"), "clear owner of session user: its storage cannot find the sessions of an owner: set one that is an OwnerStorage")
				require.EqualError(t, plain.ClearOwner(c, "a"), "clear owner of session plain: its storage cannot find the sessions of an owner: set one that is an OwnerStorage")
				require.EqualError(t, others.ClearOwner(c, "a"), "clear owner of session other: nothing says whose a session is: give New an Owner")
				require.EqualError(t, users.ClearID(c, "a"), "clear ID of session user: it is kept by value, without an ID: set a Storage")
				return c.RespondText("ok")
			})
		})
	})
	assert.Equal(t, "ok", text(t, host.Get("/")))
}
