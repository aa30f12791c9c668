package sessions_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/alexedwards/scs/v2"
	"github.com/gorilla/securecookie"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/bench/turns"
	"github.com/chitor-go/chitor/plugins/sessions"
)

// User is what all of them keep.
type User struct {
	Name  string
	Roles []string
}

var values = [2]User{{"alice", []string{"admin", "editor"}}, {"bobby", []string{"admin", "editor"}}}

func key(seed byte) []byte {
	key := bytes.Repeat([]byte{seed}, 32)
	key[0]++
	return key
}

// A way keeps a User in a session.
type way struct {
	install func(a *app.Application)
	read    func(c *app.Call) (User, error)
	write   func(c *app.Call, user User) error
}

func ours(configure func(*sessions.CookieConfig)) way {
	users := sessions.New[User]("user")
	return way{
		func(a *app.Application) {
			a.Install(sessions.Plugin.With(func(c *sessions.Config) { c.Cookie(users, configure) }))
		},
		func(c *app.Call) (User, error) { user, _, err := users.Get(c); return user, err },
		func(c *app.Call, user User) error { return users.Set(c, user) },
	}
}

// gorilla signs, and with a block key encrypts too. JSON is faster than its gob.
func gorilla(block []byte) way {
	secure := securecookie.New(key(1), block)
	secure.SetSerializer(securecookie.JSONEncoder{})
	return way{
		func(*app.Application) {},
		func(c *app.Call) (user User, err error) {
			value, _ := c.Cookie("user")
			return user, secure.Decode("user", value, &user)
		},
		func(c *app.Call, user User) error {
			value, err := secure.Encode("user", user)
			if err != nil {
				return err
			}
			return c.SetCookie(&http.Cookie{Name: "user", Value: value, Path: "/", MaxAge: 604800, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		},
	}
}

// byID is scs, which keeps sessions in memory, as gob.
func byID() way {
	gob.Register(User{})
	manager := scs.New()
	manager.Cookie.Name = "user"
	return way{
		func(a *app.Application) { a.Use(manager.LoadAndSave) },
		func(c *app.Call) (User, error) {
			user, _ := manager.Get(c.Context(), "user").(User)
			return user, nil
		},
		func(c *app.Call, user User) error {
			manager.Put(c.Context(), "user", user)
			return nil
		},
	}
}

// blank is a writer that forgets.
type blank struct{ header http.Header }

func (b blank) Header() http.Header         { return b.header }
func (b blank) Write(p []byte) (int, error) { return len(p), nil }
func (b blank) WriteHeader(int)             {}

// calls returns functions that serve a call of a client that has a session: one
// that reads it, and one that reads it and writes another value.
func (w way) calls(tb testing.TB) (read, change func()) {
	next := 0
	application := app.New(w.install, func(a *app.Application) {
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error {
				var user User
				if path := c.Request.URL.Path; path != "/begin" {
					read, err := w.read(c)
					if err != nil {
						return err
					}
					if user = read; path == "/read" {
						return c.RespondText(user.Name)
					}
				}
				next = 1 - next
				if err := w.write(c, values[next]); err != nil {
					return err
				}
				return c.RespondText(user.Name)
			}
		})
	})
	require.NoError(tb, application.Start(tb.Context()))
	tb.Cleanup(func() { assert.NoError(tb, application.Stop(context.Background())) })
	ask := func(path, cookie string) *httptest.ResponseRecorder {
		recorder, request := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, http.NoBody)
		request.Header.Set("Cookie", cookie)
		application.ServeHTTP(recorder, request)
		return recorder
	}
	set := ask("/begin", "theme=dark").Result().Cookies()[0]
	cookie := "theme=dark; user=" + set.Value
	require.Equal(tb, values[next].Name, ask("/read", cookie).Body.String())
	serve := func(path string) func() {
		request := httptest.NewRequestWithContext(application.Context(), http.MethodGet, path, http.NoBody)
		request.Header.Set("Cookie", cookie)
		writer := blank{http.Header{}}
		return func() {
			clear(writer.header)
			application.ServeHTTP(writer, request)
		}
	}
	return serve("/read"), serve("/change")
}

// groups are ways to do the same, by what the client has.
func groups() map[string]map[string]way {
	return map[string]map[string]way{
		"signed": {
			"chitor":               ours(func(c *sessions.CookieConfig) { c.Sign(key(1)) }),
			"gorilla-securecookie": gorilla(nil),
		},
		"encrypted": {
			"chitor":               ours(func(c *sessions.CookieConfig) { c.Encrypt(key(1)) }),
			"gorilla-securecookie": gorilla(key(2)),
		},
		"by-ID": {
			"chitor": ours(func(c *sessions.CookieConfig) { c.Storage = sessions.NewMemory() }),
			"scs":    byID(),
		},
	}
}

// variants returns what is measured by turns.
func variants(tb testing.TB, group map[string]way) map[string]func() {
	all := map[string]func(){}
	for name, way := range group {
		all["read/"+name], all["change/"+name] = way.calls(tb)
	}
	bare := way{func(*app.Application) {}, func(*app.Call) (User, error) { return values[1], nil }, func(c *app.Call, _ User) error {
		return c.SetCookie(&http.Cookie{Name: "user", Value: "x"})
	}}
	all["bare"], _ = bare.calls(tb)
	return all
}

func BenchmarkReadSigned(b *testing.B)      { benchmark(b, "signed", "read/") }
func BenchmarkChangeSigned(b *testing.B)    { benchmark(b, "signed", "change/") }
func BenchmarkReadEncrypted(b *testing.B)   { benchmark(b, "encrypted", "read/") }
func BenchmarkChangeEncrypted(b *testing.B) { benchmark(b, "encrypted", "change/") }
func BenchmarkReadByID(b *testing.B)        { benchmark(b, "by-ID", "read/") }
func BenchmarkChangeByID(b *testing.B)      { benchmark(b, "by-ID", "change/") }

// benchmark measures by turns what all ways of a group do.
func benchmark(b *testing.B, group, does string) {
	b.Helper()
	all := variants(b, groups()[group])
	chosen := map[string]func(){"bare": all["bare"]}
	for name, call := range all {
		if variant, ok := strings.CutPrefix(name, does); ok {
			chosen[variant] = call
		}
	}
	turns.Benchmark(b, chosen)
}

// TestAllocations: unlike time, they are the same on every machine.
func TestAllocations(t *testing.T) {
	for name, group := range groups() {
		t.Run(name, func(t *testing.T) {
			cost := map[string]float64{}
			for variant, call := range variants(t, group) {
				cost[variant] = testing.AllocsPerRun(1000, call)
			}
			for _, does := range []string{"read/", "change/"} {
				for other := range group {
					assert.LessOrEqual(t, cost[does+"chitor"], cost[does+other], does+other)
				}
			}
		})
	}
}
