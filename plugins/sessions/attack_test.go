package sessions_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/sessions/storagetest"
	"github.com/chitor-go/chitor/routing"
)

// nobody asserts that a cookie is no session, and that the client is told
// nothing about it.
func nobody(t *testing.T, host *apptest.Host, value string) {
	t.Helper()
	response := host.Get("/get", with("user", value))
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "nobody", text(t, response), value)
	require.Nil(t, sent(t, response, "user"))
}

// TestTampered: any bit, any length, any alphabet.
func TestTampered(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			host := start(t, cookie(way))
			value := sent(t, host.Get("/set/alice"), "user").Value
			require.Equal(t, "alice ", text(t, host.Get("/get", with("user", value))))
			if name != "by ID" {
				data, err := base64.RawURLEncoding.DecodeString(value)
				require.NoError(t, err)
				for i := range data {
					changed := append([]byte(nil), data...)
					changed[i] ^= 1 << (i % 8)
					nobody(t, host, base64.RawURLEncoding.EncodeToString(changed))
				}
				// Base64 that is not as it should be stands for the same bytes.
				if len(data)%3 != 0 {
					nobody(t, host, value[:len(value)-1]+string(value[len(value)-1]+1))
				}
				nobody(t, host, base64.StdEncoding.EncodeToString(data)+"=")
			}
			for i := range value {
				nobody(t, host, value[:i])
				nobody(t, host, value[i+1:])
			}
			for _, other := range []string{value + "A", value + value, "A" + value, " ", `""`, "null", "AQAA", strings.Repeat("A", 5000)} {
				nobody(t, host, other)
			}
		})
	}
}

// TestSwapped: what is one session's is no other's, with the same keys and the
// same storage, of another name, another transport or another way to protect it.
func TestSwapped(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			storage := sessions.NewMemory()
			shared := func(s *sessions.Settings) {
				if s.Storage != nil {
					s.Storage = storage
				}
			}
			admins, headers := sessions.New[User]("admin"), sessions.New[User]("user")
			get := func(handle *sessions.Handle[User]) app.Handler {
				return func(c *app.Call) error {
					user, ok, err := handle.Get(c)
					return cmpError(err, c.RespondText(fmt.Sprintf("%s %t", user.Name, ok)))
				}
			}
			host := apptest.Start(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) {
					r.Group(func(r *routing.Route) {
						r.Install(sessions.Plugin.With(func(c *sessions.Config) {
							c.Cookie(users, way, func(c *sessions.CookieConfig) { shared(&c.Settings) })
							c.Cookie(admins, way, func(c *sessions.CookieConfig) { shared(&c.Settings) })
						}))
						service(r)
						r.Get("/admin", get(admins))
						r.Get("/both", func(c *app.Call) error {
							return responds(c, cmpError(users.Set(c, User{Name: "alice"}), admins.Set(c, User{Name: "root"})))
						})
					})
					r.Group(func(r *routing.Route) {
						r.Install(sessions.Plugin.With(func(c *sessions.Config) {
							c.Header(headers, func(c *sessions.HeaderConfig) {
								same := sessions.CookieConfig{Settings: c.Settings}
								way(&same)
								c.Settings = same.Settings
								shared(&c.Settings)
							})
						}))
						r.Get("/header", get(headers))
					})
				})
			})
			response := host.Get("/both")
			user, admin := sent(t, response, "user").Value, sent(t, response, "admin").Value
			assert.Equal(t, "root true", text(t, host.Get("/admin", with("admin", admin))))
			assert.Equal(t, " false", text(t, host.Get("/admin", with("admin", user))))
			nobody(t, host, admin)
			// An ID of one name in one storage is one session.
			if name != "by ID" {
				assert.Equal(t, " false", text(t, host.Get("/header", apptest.Header("User", user))))
			}
		})
	}
	signs := start(t, cookie(signed))
	encrypts := start(t, cookie(encrypted))
	nobody(t, encrypts, sent(t, signs.Get("/set/alice"), "user").Value)
	nobody(t, signs, sent(t, encrypts.Get("/set/alice"), "user").Value)
}

// TestReplayed: after a logout, an ID is dead, and a value is as long as it lasts;
// after that it is nothing.
func TestReplayed(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := start(t, cookie(way, func(c *sessions.CookieConfig) { c.MaxAge = time.Hour }))
				client := visit(t, host)
				old := sent(t, client.Get("/set/alice"), "user").Value
				require.Equal(t, "nobody", client.gets("/clear"))
				want := "nobody"
				if !strings.HasPrefix(name, "by") {
					want = "alice "
				}
				assert.Equal(t, want, text(t, host.Get("/get", with("user", old))))
				time.Sleep(time.Hour)
				nobody(t, host, old)
			})
		})
	}
}

// TestFixation: no ID that a client brings is ever a new session's, and that of a
// session that was there before a login dies with it.
func TestFixation(t *testing.T) {
	host := start(t, cookie(in(sessions.NewMemory())))
	const planted = "AAAAAAAAAAAAAAAAAAAAAAAAAA"
	set := sent(t, host.Get("/set/alice", with("user", planted)), "user").Value
	assert.NotEqual(t, planted, set)
	nobody(t, host, planted)

	before := sent(t, host.Get("/add/x"), "user").Value // an attacker's, who makes a victim use it
	victim := visit(t, host)
	renewed := sent(t, victim.Get("/renew", with("user", before)), "user").Value
	assert.NotEqual(t, before, renewed)
	assert.Equal(t, " x", text(t, host.Get("/get", with("user", renewed))))
	nobody(t, host, before)

	again := sent(t, host.Get("/renew", with("user", renewed)), "user").Value
	nobody(t, host, renewed)
	assert.Equal(t, " x", text(t, host.Get("/get", with("user", again))))
}

// TestFixationAtLogin: who becomes somebody gets another ID, also if nobody has
// thought of RenewID.
func TestFixationAtLogin(t *testing.T) {
	host := start(t, cookie(in(sessions.NewMemory())))
	before := sent(t, host.Get("/add/x"), "user").Value
	after := sent(t, host.Get("/set/alice", with("user", before)), "user").Value
	assert.NotEqual(t, before, after)
	nobody(t, host, before)
	assert.Nil(t, sent(t, host.Get("/set/alice", with("user", after)), "user"))
	same := sent(t, host.Get("/add/y", with("user", after)), "user")
	assert.Equal(t, after, same.Value, "of the same owner")
}

// TestFloodOfClients: ten thousand calls that make sessions, and one who comes back.
func TestFloodOfClients(t *testing.T) {
	storage := sessions.NewMemory(func(c *sessions.MemoryConfig) { c.MaxSessions = 1000 })
	application := app.New(installed(cookie(in(storage))), routed)
	require.NoError(t, application.Start(t.Context()))
	defer func() { assert.NoError(t, application.Stop(t.Context())) }()
	get := func(path, cookie string) *httptest.ResponseRecorder {
		request, recorder := httptest.NewRequest(http.MethodGet, path, http.NoBody), httptest.NewRecorder()
		request.Header.Set("Cookie", "user="+cookie)
		application.ServeHTTP(recorder, request)
		return recorder
	}
	alice := get("/set/alice", "").Result().Cookies()[0].Value
	require.Equal(t, "alice ", get("/get", alice).Body.String())
	for range 10_000 {
		require.Equal(t, http.StatusOK, get("/set/mallory", "").Code)
	}
	assert.Equal(t, "alice ", get("/get", alice).Body.String())
	assert.Equal(t, 1000, storage.Len())
}

// TestHostileIDs: a storage is asked for nothing that is no ID.
func TestHostileIDs(t *testing.T) {
	storage := &failing{Storage: sessions.NewMemory()}
	host := start(t, cookie(in(storage)))
	hostile := []string{
		"../../etc/passwd", "%2e%2e%2f", "a/b", "..", ".", "-", "*", "{}", "' OR 1=1", "AAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAA", "aaaaaaaaaaaaaaaaaaaaaaaaaa", "AAAAAAAAAAAAAAAAAAAAAAAAA0", "AAAAAAAAAAAAAAAAAAAAAAAAA\u212a",
		strings.Repeat("A", 10_000),
	}
	for _, id := range hostile {
		nobody(t, host, id)
	}
	assert.Empty(t, storage.asked)
	for _, id := range hostile {
		response := host.Get("/clear-id/" + strings.ReplaceAll(strings.ReplaceAll(id, "%", "%25"), "/", "%2F"))
		assert.NotEqual(t, http.StatusInternalServerError, response.StatusCode, id)
	}
	assert.Empty(t, storage.asked)
	nobody(t, host, "AAAAAAAAAAAAAAAAAAAAAAAAAA")
	assert.Equal(t, []string{"load"}, storage.asked)
}

// TestLeakedStorage: what it has are no IDs.
func TestLeakedStorage(t *testing.T) {
	name := t.TempDir()
	host := start(t, cookie(in(openDirectory(t, name))))
	id := sent(t, host.Get("/set/alice"), "user").Value
	var all strings.Builder
	for _, path := range files(t, name) {
		all.WriteString(path)
	}
	assert.NotContains(t, all.String(), id)
	assert.NotContains(t, strings.ToUpper(all.String()), id)
	for _, path := range files(t, name) {
		nobody(t, host, path[strings.LastIndexByte(path, '/')+1:])
	}
}

// TestHeaderInjection: whatever is in a session, one cookie is set.
func TestHeaderInjection(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			host := withRoutes(t, cookie(way), func(r *routing.Route) {
				service(r)
				r.Get("/evil", func(c *app.Call) error {
					return responds(c, users.Set(c, User{Name: "\r\nSet-Cookie: admin=1; \x00\"", Cart: []string{"\n\n<script>"}}))
				})
			})
			response := host.Get("/evil")
			assert.Len(t, response.Header["Set-Cookie"], 1)
			assert.Regexp(t, "^user=[A-Za-z0-9_-]+; Path=/; ", response.Header.Get("Set-Cookie"))
			assert.Contains(t, text(t, host.Get("/get", with("user", sent(t, response, "user").Value))), "<script>")
		})
	}
}

// TestTooLong: the error is that of Set, and the session stays as it was.
func TestTooLong(t *testing.T) {
	carts := sessions.New[string]("cart")
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(users, signed)
			c.Header(carts, func(c *sessions.HeaderConfig) { c.Unsigned() })
		}))
		routing.Routes(a, func(r *routing.Route) {
			service(r)
			r.Get("/long", func(c *app.Call) error {
				err := users.Set(c, User{Name: strings.Repeat("x", 3000)})
				require.EqualError(t, err, "set session user: the cookie has 4148 bytes, and clients keep no more than 4096: "+
					"store less, or set a Storage, which leaves the client an ID")
				require.ErrorContains(t, carts.Set(c, strings.Repeat("x", 3100)), "set session cart: the header has 41")
				user, _, err := users.Get(c)
				return cmpError(err, c.RespondText(user.Name))
			})
			r.Get("/fits", func(c *app.Call) error { return responds(c, users.Set(c, User{Name: strings.Repeat("x", 2900)})) })
		})
	})
	set := sent(t, host.Get("/set/alice"), "user").Value
	response := host.Get("/long", with("user", set))
	assert.Equal(t, "alice", text(t, response))
	assert.Nil(t, sent(t, response, "user"))
	response = host.Get("/fits")
	assert.LessOrEqual(t, len(response.Header.Get("Set-Cookie")), 4096)
	assert.NotEqual(t, "nobody", text(t, host.Get("/get", with("user", sent(t, response, "user").Value))))
}

// TestRotation: the first key writes, all read, and a key that is gone reads
// nothing.
func TestRotation(t *testing.T) {
	for name, protect := range map[string]func(c *sessions.CookieConfig, keys ...[]byte){
		"sign":    func(c *sessions.CookieConfig, keys ...[]byte) { c.Sign(keys...) },
		"encrypt": func(c *sessions.CookieConfig, keys ...[]byte) { c.Encrypt(keys...) },
	} {
		t.Run(name, func(t *testing.T) {
			old, both, fresh := key(1, 32), key(2, 32), key(3, 32)
			host := func(keys ...[]byte) *apptest.Host {
				return start(t, cookie(func(c *sessions.CookieConfig) { protect(c, keys...) }))
			}
			first, second, third := host(old), host(both, old), host(fresh, both)
			byOld := sent(t, first.Get("/set/a"), "user").Value
			assert.Equal(t, "a ", text(t, second.Get("/get", with("user", byOld))))
			nobody(t, third, byOld)
			byNew := sent(t, second.Get("/set/b", with("user", byOld)), "user").Value
			nobody(t, first, byNew)
			assert.Equal(t, "b ", text(t, third.Get("/get", with("user", byNew))))
		})
	}
}

// TestFuture: the clock of the node that has issued a session may be ahead a little.
func TestFuture(t *testing.T) {
	for _, test := range []struct {
		ahead time.Duration
		want  string
	}{{0, "alice "}, {time.Minute, "alice "}, {time.Minute + time.Second, "nobody"}} {
		var value string
		synctest.Test(t, func(t *testing.T) {
			host := start(t, cookie(signed))
			time.Sleep(test.ahead)
			value = sent(t, host.Get("/set/alice"), "user").Value
		})
		synctest.Test(t, func(t *testing.T) {
			host := start(t, cookie(signed))
			assert.Equal(t, test.want, text(t, host.Get("/get", with("user", value))), test.ahead)
		})
	}
}

// TestSecretsAreNotTold: what a client has is in no error and no log.
func TestSecretsAreNotTold(t *testing.T) {
	down := &failing{Storage: sessions.NewMemory()}
	for name, way := range map[string]func(*sessions.CookieConfig){"signed": signed, "by ID": in(down)} {
		t.Run(name, func(t *testing.T) {
			host := start(t, cookie(way), apptest.Configure(func(c *app.Config) { c.Development = true }))
			value := sent(t, host.Get("/set/alice"), "user").Value
			down.fail = true
			defer func() { down.fail = false }()
			seen := text(t, host.Get("/get", with("user", value))) + text(t, host.Get("/get", with("user", value+"x"))) +
				text(t, host.Get("/get", with("user", strings.ToLower(value))))
			for _, record := range host.Log() {
				seen += record.String()
			}
			assert.NotContains(t, strings.ToLower(seen), strings.ToLower(value[:20]))
			assert.NotContains(t, seen, storagetest.Key(value))
		})
	}
}
