package sessions_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

// unsigned is Ktor's default.
func unsigned(c *sessions.CookieConfig) { c.Unsigned() }

// never sends what has not changed: sendOnlyIfModified.
func never(c *sessions.CookieConfig) { c.Renew = c.MaxAge }

// payload returns what an unsigned session has behind its times.
func payload(t *testing.T, value string) string {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(value)
	require.NoError(t, err)
	return string(data[strings.IndexByte(string(data), '{'):])
}

// responds is what a handler that has done something ends with.
func responds(c *app.Call, err error) error { return cmpError(err, c.RespondText("ok")) }

var errOther = errors.New("of another transformer")

// The cases are those of Ktor's SessionTest, under its names. Those whose comment
// says "other" expect something else on purpose.
func TestKtorSessionTest(t *testing.T) {
	for name, test := range map[string]func(t *testing.T){
		"testSessionCreateDelete": func(t *testing.T) {
			host := withRoutes(t, cookie(unsigned), func(r *routing.Route) {
				r.Get("/0", func(c *app.Call) error {
					return responds(c, errors.Join(users.Set(c, User{Name: "a"}), users.Clear(c)))
				})
			})
			assert.Nil(t, sent(t, host.Get("/0"), "user"))
		},
		// other: Max-Age alone says how long a cookie lasts, and Unsigned that it may be.
		"testSessionByValue": func(t *testing.T) {
			host := start(t, cookie(unsigned, func(c *sessions.CookieConfig) { c.Domain, c.MaxAge = "foo.bar", time.Hour }))
			assert.Nil(t, sent(t, host.Get("/get"), "user"))
			set := sent(t, host.Get("/set/id1"), "user")
			assert.Equal(t, "foo.bar", set.Domain)
			assert.Equal(t, 3600, set.MaxAge)
			assert.Empty(t, set.RawExpires)
			assert.JSONEq(t, `{"Name":"id1","Cart":null}`, payload(t, set.Value))
			assert.Equal(t, "id1 ", text(t, host.Get("/get", with("user", set.Value))))
		},
		"testSessionWithEncodedCookie": func(t *testing.T) {
			host := start(t, cookie(in(sessions.NewMemory()), signed))
			set := sent(t, host.Get("/set/id1"), "user")
			_, err := base64.RawURLEncoding.DecodeString(set.Value)
			require.NoError(t, err)
			assert.Equal(t, "id1 ", text(t, host.Get("/get", with("user", set.Value))))
		},
		"testRoutes": func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				a.Install(cookie(unsigned))
				routing.Routes(a, func(r *routing.Route) { r.Route("/", service) })
			})
			response := host.Get("/get")
			assert.Nil(t, sent(t, response, "user"))
			assert.Equal(t, "nobody", text(t, response))
			set := sent(t, host.Get("/set/id1"), "user")
			assert.JSONEq(t, `{"Name":"id1","Cart":null}`, payload(t, set.Value))
			assert.Equal(t, "id1 ", text(t, host.Get("/get", with("user", set.Value))))
		},
		"testRoutesIsolation": func(t *testing.T) {
			type other struct{ ID string }
			others := sessions.New[other]("user") // the same name, in other routes
			host := apptest.Start(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) {
					r.Route("/a", func(r *routing.Route) { r.Install(cookie(unsigned)); service(r) })
					r.Route("/b", func(r *routing.Route) {
						r.Install(sessions.Plugin.With(func(c *sessions.Config) { c.Cookie(others, unsigned) }))
						r.Get("/1", func(c *app.Call) error { return responds(c, others.Set(c, other{"id2"})) })
						r.Get("/2", func(c *app.Call) error {
							session, _, err := others.Get(c)
							return cmpError(err, c.RespondText(session.ID))
						})
					})
				})
			})
			set := sent(t, host.Get("/a/set/id1"), "user")
			assert.Equal(t, "id1 ", text(t, host.Get("/a/get", with("user", set.Value))))
			set = sent(t, host.Get("/b/1"), "user")
			assert.JSONEq(t, `{"ID":"id2"}`, payload(t, set.Value))
			assert.Equal(t, "id2", text(t, host.Get("/b/2", with("user", set.Value))))
		},
		"testSessionById": func(t *testing.T) {
			host := start(t, cookie(in(sessions.NewMemory())))
			assert.Nil(t, sent(t, host.Get("/none"), "user"))
			set := sent(t, host.Get("/set/id2"), "user")
			assert.Regexp(t, "^[A-Za-z0-9]+$", set.Value)
			assert.Equal(t, "id2 ", text(t, host.Get("/get", with("user", set.Value))))
			assert.Equal(t, "nobody", text(t, host.Get("/get", with("user", "bad"+set.Value))))
		},
		"testSessionByIdAccessors": func(t *testing.T) {
			host := withRoutes(t, cookie(in(sessions.NewMemory())), func(r *routing.Route) {
				r.Get("/0", func(c *app.Call) error {
					_, ok := users.ID(c)
					_, unknown := sessions.New[int]("unknown").ID(c)
					assert.False(t, ok || unknown)
					return responds(c, nil)
				})
			})
			assert.Equal(t, "ok", text(t, host.Get("/0")))
		},
		"testSessionByIdServer": func(t *testing.T) {
			var id string
			host := withRoutes(t, cookie(in(sessions.NewMemory())), func(r *routing.Route) {
				service(r)
				r.Get("/1", func(c *app.Call) error {
					err := users.Set(c, User{Name: "id2"})
					id, _ = users.ID(c)
					return responds(c, err)
				})
			})
			set := sent(t, host.Get("/1"), "user")
			assert.Equal(t, set.Value, id)
			assert.Regexp(t, "^[A-Za-z0-9]+$", id)
			assert.Equal(t, id, text(t, host.Get("/id", with("user", id))))
			assert.Equal(t, "id2 ", text(t, host.Get("/get", with("user", id))))
		},
		// other: IDs are random, and Max-Age alone says how long a cookie lasts.
		"testSessionByIdCookie": func(t *testing.T) {
			host := start(t, cookie(in(sessions.NewMemory()), func(c *sessions.CookieConfig) { c.MaxAge = 5 * time.Second }))
			set := sent(t, host.Get("/set/id2"), "user")
			assert.Equal(t, 5, set.MaxAge)
			assert.NotEqual(t, sent(t, host.Get("/set/id2"), "user").Value, set.Value)
			assert.Empty(t, set.RawExpires)
		},
		// other: an ID that is none is not taken back, nor is one that is there given
		// again.
		"testSessionByInvalidId": func(t *testing.T) {
			host := start(t, cookie(in(sessions.NewMemory())))
			set := sent(t, host.Get("/set/id2", with("user", "invalid")), "user")
			require.NotNil(t, set)
			assert.Nil(t, sent(t, host.Get("/set/id2", with("user", set.Value)), "user"))
			response := host.Get("/get", with("user", "invalid2"))
			assert.Equal(t, "nobody", text(t, response))
			assert.Nil(t, sent(t, response, "user"))
		},
		"testHttpSessionCookie": func(t *testing.T) {
			host := start(t, cookie(in(sessions.NewMemory()), func(c *sessions.CookieConfig) { c.MaxAge = 0 }))
			set := sent(t, host.Get("/set/id2"), "user")
			assert.Empty(t, set.RawExpires)
			assert.Zero(t, set.MaxAge)
		},
		// other: a response has not left as long as the handler runs, unless it flushes.
		"settingSessionAfterResponseTest": func(t *testing.T) {
			host := withRoutes(t, cookie(unsigned), func(r *routing.Route) {
				r.Get("/after-response", func(c *app.Call) error {
					return errors.Join(c.RespondText("OK"), users.Set(c, User{Name: "id"}))
				})
				r.Get("/after-flush", func(c *app.Call) error {
					err := errors.Join(c.RespondText("OK"), http.NewResponseController(c.Writer()).Flush())
					require.ErrorIs(t, users.Set(c, User{Name: "id"}), sessions.ErrTooLate)
					return err
				})
			})
			assert.NotNil(t, sent(t, host.Get("/after-response"), "user"))
			response := host.Get("/after-flush")
			assert.Equal(t, "OK", text(t, response))
			assert.Nil(t, sent(t, response, "user"))
		},
		"testSessionLongDuration": func(t *testing.T) {
			host := start(t, cookie(unsigned, func(c *sessions.CookieConfig) { c.MaxAge = 100 * 365 * 24 * time.Hour }))
			assert.Equal(t, 1<<31-1, sent(t, host.Get("/set/a"), "user").MaxAge)
		},
		"testSessionOverflowDuration": func(t *testing.T) {
			host := start(t, cookie(unsigned, func(c *sessions.CookieConfig) { c.MaxAge = 1<<63 - 1 }))
			set := sent(t, host.Get("/set/a"), "user")
			assert.Equal(t, 1<<31-1, set.MaxAge)
			assert.Equal(t, "a ", text(t, host.Get("/get", with("user", set.Value))))
		},
		// A type may have several handles, and a handle has one transport.
		"testDuplicateProvidersDiagnostics": func(t *testing.T) {
			second, third := sessions.New[User]("user"), sessions.New[User]("third")
			assert.Equal(t, []string{
				`cookie "user": the session has a transport already: give each one`,
				`cookie "user": another session has that name`,
			}, problems(t, sessions.Plugin.With(func(c *sessions.Config) {
				c.Cookie(users, unsigned)
				c.Cookie(users, unsigned)
				c.Cookie(second, unsigned)
				c.Cookie(third, unsigned)
			})))
		},
		"secureCookie": func(t *testing.T) {
			host := start(t, cookie(unsigned, func(c *sessions.CookieConfig) {
				c.Path, c.HTTPOnly, c.SameSite, c.MaxAge = "/token", true, http.SameSiteStrictMode, 24*time.Hour
				c.Secure = sessions.SecureAlways
			}))
			set := sent(t, host.Get("/set/a"), "user")
			assert.True(t, set.Secure && set.HttpOnly)
			assert.Equal(t, "/token", set.Path)
			assert.Equal(t, http.SameSiteStrictMode, set.SameSite)
			assert.Equal(t, 24*60*60, set.MaxAge)
		},
		// other: what comes before the plugin may ask as well.
		"testMissingSession": func(t *testing.T) {
			asked := 0
			host := apptest.Start(t, func(a *app.Application) {
				a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
					return func(c *app.Call) error {
						_, ok, err := users.Get(c)
						require.NoError(t, err)
						if ok {
							asked++
						}
						return next(c)
					}
				})
				a.Install(cookie(unsigned))
				routed(a)
			})
			set := sent(t, host.Get("/set/a"), "user")
			assert.Equal(t, "a ", text(t, host.Get("/get", with("user", set.Value))))
			assert.Equal(t, 1, asked)
		},
		"testSetCookieNotAdded": func(t *testing.T) {
			host := start(t, cookie(unsigned))
			set := sent(t, host.Get("/set/id"), "user")
			assert.Empty(t, host.Get("/1", with("user", set.Value)).Header["Set-Cookie"])
		},
		"testCustomSerializer": func(t *testing.T) {
			custom := sessions.New("custom", func(o *sessions.Options[User]) { o.Serializer = semicolons{} })
			host := withRoutes(t, sessions.Plugin.With(func(c *sessions.Config) { c.Cookie(custom, unsigned) }), func(r *routing.Route) {
				r.Get("/set", func(c *app.Call) error { return responds(c, custom.Set(c, User{"a", []string{"b", "c", "d"}})) })
				r.Get("/get", func(c *app.Call) error {
					user, _, err := custom.Get(c)
					assert.Equal(t, User{"a", []string{"b", "c", "d"}}, user)
					return responds(c, err)
				})
			})
			set := sent(t, host.Get("/set"), "custom")
			data, err := base64.RawURLEncoding.DecodeString(set.Value)
			require.NoError(t, err)
			assert.True(t, strings.HasSuffix(string(data), "a;b,c,d"))
			assert.Equal(t, "ok", text(t, host.Get("/get", with("custom", set.Value))))
		},
		"sendOnlyIfModified cookie session does not resend unchanged value": func(t *testing.T) {
			sendsOnlyIfModified(t, cookie(unsigned, never))
		},
		// other: that is what a Renew of 0 does.
		"sendOnlyIfModified default false still resends unchanged session": func(t *testing.T) {
			host := start(t, cookie(unsigned, func(c *sessions.CookieConfig) { c.Renew = 0 }))
			set := sent(t, host.Get("/set/id1"), "user")
			assert.NotNil(t, sent(t, host.Get("/set/id1", with("user", set.Value)), "user"))
			assert.NotNil(t, sent(t, host.Get("/get", with("user", set.Value)), "user"))
			assert.Nil(t, sent(t, host.Get("/none", with("user", set.Value)), "user"))
		},
		"sendOnlyIfModified with server storage does not rewrite unchanged session": func(t *testing.T) {
			sendsOnlyIfModified(t, cookie(in(sessions.NewMemory()), never))
		},
		"sendOnlyIfModified header session does not resend unchanged value": func(t *testing.T) {
			host := start(t, sessions.Plugin.With(func(c *sessions.Config) {
				c.Header(users, func(c *sessions.HeaderConfig) { c.Unsigned(); c.Renew = c.MaxAge })
			}))
			value := host.Get("/set/id1").Header.Get("User")
			require.NotEmpty(t, value)
			assert.Empty(t, host.Get("/set/id1", apptest.Header("User", value)).Header["User"])
			assert.NotEmpty(t, host.Get("/set/id2", apptest.Header("User", value)).Header["User"])
		},
		"sendOnlyIfModified detects in-place mutation of same instance": func(t *testing.T) {
			pointers := sessions.New[*User]("user")
			host := withRoutes(t, sessions.Plugin.With(func(c *sessions.Config) { c.Cookie(pointers, unsigned, never) }), func(r *routing.Route) {
				r.Get("/set", func(c *app.Call) error { return responds(c, pointers.Set(c, &User{Cart: []string{"a"}})) })
				r.Get("/mutate", func(c *app.Call) error {
					user, _, err := pointers.Get(c)
					user.Cart = append(user.Cart, "b")
					return responds(c, errors.Join(err, pointers.Set(c, user)))
				})
			})
			set := sent(t, host.Get("/set"), "user")
			assert.NotNil(t, sent(t, host.Get("/mutate", with("user", set.Value)), "user"))
		},
		"testClearSessionById": func(t *testing.T) {
			host := start(t, cookie(in(sessions.NewMemory())))
			first, second := sent(t, host.Get("/set/user1"), "user").Value, sent(t, host.Get("/set/user2"), "user").Value
			assert.Equal(t, "user1 ", text(t, host.Get("/get", with("user", first))))
			host.Get("/clear-id/" + first)
			assert.Equal(t, "nobody", text(t, host.Get("/get", with("user", first))))
			assert.Equal(t, "user2 ", text(t, host.Get("/get", with("user", second))))
		},
		// The IDs of a user's devices are those that ClearOwner finds.
		"testClearSessionByIdForMultipleDevices": func(t *testing.T) {
			host := withRoutes(t, cookie(in(sessions.NewMemory())), func(r *routing.Route) {
				service(r)
				r.Get("/login-exclusive/{name}", func(c *app.Call) error {
					name := c.PathParam("name")
					return responds(c, errors.Join(users.ClearOwner(c, name), users.Set(c, User{Name: name})))
				})
			})
			first, second := sent(t, host.Get("/set/alice"), "user").Value, sent(t, host.Get("/set/alice"), "user").Value
			assert.Equal(t, "alice ", text(t, host.Get("/get", with("user", first))))
			assert.Equal(t, "alice ", text(t, host.Get("/get", with("user", second))))
			third := sent(t, host.Get("/login-exclusive/alice"), "user").Value
			assert.Equal(t, "nobody", text(t, host.Get("/get", with("user", first))))
			assert.Equal(t, "nobody", text(t, host.Get("/get", with("user", second))))
			assert.Equal(t, "alice ", text(t, host.Get("/get", with("user", third))))
		},
		"scoped session sends Set-Cookie header without explicit respond": func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) {
					r.Route("/scoped", func(r *routing.Route) {
						r.Install(cookie(unsigned))
						r.Get("/set", func(c *app.Call) error {
							c.SetStatus(http.StatusOK)
							return users.Set(c, User{Name: "id1"})
						})
					})
				})
			})
			response := host.Get("/scoped/set")
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.NotNil(t, sent(t, response, "user"))
		},
	} {
		t.Run(name, test)
	}
}

func withRoutes(t *testing.T, plugin app.Installable, routes func(*routing.Route)) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		a.Install(plugin)
		routing.Routes(a, routes)
	})
}

func sendsOnlyIfModified(t *testing.T, plugin app.Installable) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		host := start(t, plugin)
		set := sent(t, host.Get("/set/id1"), "user")
		time.Sleep(7*24*time.Hour - time.Second)
		assert.Nil(t, sent(t, host.Get("/set/id1", with("user", set.Value)), "user"))
		assert.NotNil(t, sent(t, host.Get("/set/id2", with("user", set.Value)), "user"))
	})
}

// semicolons is Ktor's TestUserSessionCustom.Serializer.
type semicolons struct{}

func (semicolons) Serialize(u User) ([]byte, error) {
	return []byte(u.Name + ";" + strings.Join(u.Cart, ",")), nil
}

func (semicolons) Deserialize(data []byte) (User, error) {
	name, cart, _ := strings.Cut(string(data), ";")
	return User{name, strings.Split(cart, ",")}, nil
}

// The cases are those of Ktor's SessionTestJvm: what is signed, and what is
// encrypted, whose bytes are others than Ktor's.
func TestKtorSessionTestJvm(t *testing.T) {
	for name, way := range map[string]func(*sessions.CookieConfig){
		"testSessionByValueMac": signed, "testSessionEncrypted": encrypted,
	} {
		t.Run(name, func(t *testing.T) {
			host := start(t, cookie(way))
			set := sent(t, host.Get("/set/id 2"), "user")
			get := func(value string) string { return text(t, host.Get("/get", with("user", value))) }
			assert.Equal(t, "id 2 ", get(set.Value))
			assert.Equal(t, "id 2 ", get(set.Value+"; Path=/; HttpOnly"))
			assert.Equal(t, "nobody", text(t, host.Get("/get")))
			other := "AA"
			if strings.HasSuffix(set.Value, "AA") {
				other = "EE"
			}
			assert.Equal(t, "nobody", get(set.Value[:len(set.Value)-2]+other))
			assert.Equal(t, "nobody", get(set.Value[:len(set.Value)-1]+"!"))
			assert.Equal(t, "nobody", get("INVALID"))
			assert.Equal(t, "nobody", get("abc/abc:abc"))
			data, err := base64.RawURLEncoding.DecodeString(set.Value)
			require.NoError(t, err)
			assert.Equal(t, name == "testSessionByValueMac", strings.Contains(string(data), `"id 2"`))
		})
	}
}

// The cases are those of Ktor's SessionTransportCookieTest.
func TestKtorSessionTransportCookieTest(t *testing.T) {
	clears := func(t *testing.T, configure func(*sessions.CookieConfig)) *http.Cookie {
		host := start(t, cookie(unsigned, configure))
		return sent(t, host.Get("/clear", with("user", "anything")), "user")
	}
	t.Run("testClearBypassSecure", func(t *testing.T) {
		assert.True(t, clears(t, func(c *sessions.CookieConfig) { c.Secure = sessions.SecureAlways }).Secure)
	})
	t.Run("testClearBypassExtensions", func(t *testing.T) {
		cleared := clears(t, func(c *sessions.CookieConfig) {
			c.SameSite, c.Secure = http.SameSiteNoneMode, sessions.SecureAlways
		})
		assert.Equal(t, http.SameSiteNoneMode, cleared.SameSite)
	})
	t.Run("testClearZerosMaxAge", func(t *testing.T) {
		cleared := clears(t, func(c *sessions.CookieConfig) { c.MaxAge = 1000 * time.Second })
		assert.Negative(t, cleared.MaxAge, "which is how net/http writes 0")
		assert.Equal(t, time.Unix(0, 0).UTC(), cleared.Expires)
		assert.Empty(t, cleared.Value)
	})
}

// appending is that of Ktor's SessionTransportTransformerKtTest.
type appending string

func (a appending) TransformWrite(value []byte) ([]byte, error) {
	return append(append(value, ';'), a...), nil
}

func (a appending) TransformRead(value []byte) ([]byte, error) {
	before, found := strings.CutSuffix(string(value), ";"+string(a))
	if !found {
		return nil, errOther
	}
	return []byte(before), nil
}

// The cases are those of Ktor's SessionTransportTransformerKtTest.
func TestKtorSessionTransportTransformerKtTest(t *testing.T) {
	host := start(t, cookie(func(c *sessions.CookieConfig) {
		c.Transform(appending("1"))
		c.Transform(appending("2"))
	}))
	set := sent(t, host.Get("/set/a"), "user")
	t.Run("allTransformersShouldBeAppliedOnWrite", func(t *testing.T) {
		data, err := base64.RawURLEncoding.DecodeString(set.Value)
		require.NoError(t, err)
		assert.True(t, strings.HasSuffix(string(data), "};1;2"))
	})
	t.Run("allTransformersShouldBeAppliedOnReadInReverseOrder", func(t *testing.T) {
		assert.Equal(t, "a ", text(t, host.Get("/get", with("user", set.Value))))
	})
}

// The cases are those of Ktor's SessionTransportTransformerEncryptTest.
func TestKtorSessionTransportTransformerEncryptTest(t *testing.T) {
	encrypts := func(t *testing.T, length int) string {
		host := start(t, cookie(func(c *sessions.CookieConfig) { c.Encrypt(key(1, length)) }))
		set := sent(t, host.Get("/set/hello"), "user").Value
		assert.Equal(t, "hello ", text(t, host.Get("/get", with("user", set))))
		return set
	}
	t.Run("accepts 32-byte AES-256 encryption key", func(t *testing.T) {
		assert.Empty(t, problems(t, cookie(func(c *sessions.CookieConfig) { c.Encrypt(key(1, 32)) })))
	})
	// other: GCM has a nonce of 12 bytes, and a tag of 16.
	t.Run("transformWrite generates 16-byte IV for AES-256", func(t *testing.T) {
		data, err := base64.RawURLEncoding.DecodeString(encrypts(t, 32))
		require.NoError(t, err)
		times := len("\x01") + 5 + 1
		assert.Len(t, data, 12+times+len(`{"Name":"hello","Cart":null}`)+16)
	})
	t.Run("round-trip preserves payload for AES-128, AES-192 and AES-256", func(t *testing.T) {
		for _, length := range []int{16, 24, 32} {
			encrypts(t, length)
		}
	})
}
