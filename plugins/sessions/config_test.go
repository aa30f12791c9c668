package sessions_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/sessions"
)

func TestMistakes(t *testing.T) {
	const open = "the client has the session itself, and could make it up: call Sign or Encrypt with a key, set a Storage, or call Unsigned if it may"
	for name, test := range map[string]struct {
		configure func(c *sessions.CookieConfig)
		want      []string
	}{
		"unsigned by value": {func(*sessions.CookieConfig) {}, []string{open}},
		"nothing wrong":     {unsigned, nil},
		"no keys": {func(c *sessions.CookieConfig) { c.Sign(); c.Encrypt() }, []string{
			"sign: no key is given", "encrypt: no key is given",
		}},
		"short keys": {func(c *sessions.CookieConfig) { c.Sign(key(1, 32), key(1, 31), nil); c.Encrypt(key(1, 33)) }, []string{
			"sign: key 2 of 3: it has 31 bytes: it must have 32 or more",
			"sign: key 3 of 3: it has 0 bytes: it must have 32 or more",
			"encrypt: key 1 of 1: it has 33 bytes: AES takes 16, 24 or 32",
		}},
		"keys that nobody has filled in": {func(c *sessions.CookieConfig) { c.Sign(make([]byte, 32)); c.Encrypt(bytes.Repeat([]byte("x"), 16)) }, []string{
			"sign: key 1 of 1: all its bytes are the same: make keys with crypto/rand, once, and keep them",
			"encrypt: key 1 of 1: all its bytes are the same: make keys with crypto/rand, once, and keep them",
		}},
		"nil transformer": {func(c *sessions.CookieConfig) { c.Transform(nil) }, []string{"transform: the transformer is nil"}},
		"nil function":    {nil, []string{"the configuration function is nil", open}},
		"times": {func(c *sessions.CookieConfig) { c.Unsigned(); c.MaxAge, c.Renew, c.Lifetime = -1, 60, -time.Second }, []string{
			"MaxAge is -1ns: it must not be negative, and 0 lasts until the browser ends",
			"Renew is 60ns, less than a second: write the unit, as in 60 * time.Second",
			"Lifetime is -1s: it must not be negative, and 0 sets no bound",
		}},
		"renewed too late": {func(c *sessions.CookieConfig) { c.Unsigned(); c.MaxAge, c.Renew = time.Hour, 2*time.Hour }, []string{
			"a session is over after 1h0m0s, and Renew is 2h0m0s: it must not be more, and as much never renews",
		}},
		"cookie": {func(c *sessions.CookieConfig) {
			c.Unsigned()
			c.Path, c.Domain, c.SameSite, c.Secure = "x;", "exa mple", 99, 99
		}, []string{
			`http: invalid byte ';' in Cookie.Path`, `the path is "x;": it must begin with a slash`,
			"SameSite is 99, none of net/http's modes", "Secure is 99, none of SecureAuto, SecureAlways and SecureNever",
		}},
		"without TLS": {func(c *sessions.CookieConfig) {
			c.Unsigned()
			c.SameSite, c.Partitioned = http.SameSiteNoneMode, true
		}, []string{
			"browsers drop SameSite=None without Secure: set Secure to SecureAlways",
			"browsers drop a partitioned cookie without Secure: set Secure to SecureAlways",
		}},
		"a storage's": {func(c *sessions.CookieConfig) {
			c.Storage = sessions.NewMemory(nil, func(c *sessions.MemoryConfig) { c.MaxSessions, c.MaxBytes = -1, -1 })
		}, []string{
			"storage: the configuration function is nil",
			"storage: MaxSessions is -1: it must not be negative, and 0 is no limit",
			"storage: MaxBytes is -1: it must not be negative, and 0 is no limit",
		}},
		"no memory": {func(c *sessions.CookieConfig) { c.Storage = (*sessions.Memory)(nil) }, []string{
			"storage: it is a nil *Memory: make one with NewMemory",
		}},
		"no directory": {func(c *sessions.CookieConfig) { c.Storage = (*sessions.Directory)(nil) }, []string{
			"storage: it is a nil *Directory: OpenDirectory has returned an error, or was not called",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			for _, mistake := range test.want {
				want = append(want, `cookie "user": `+mistake)
			}
			assert.Equal(t, want, problems(t, cookie(test.configure)))
		})
	}
}

func TestMistakesOfNames(t *testing.T) {
	var none *sessions.Handle[int]
	for name, test := range map[string]struct {
		configure func(c *sessions.Config)
		want      []string
	}{
		"none":         {func(*sessions.Config) {}, []string{"there is no session: add one with Cookie or Header"}},
		"nil":          {func(c *sessions.Config) { c.Cookie(nil); c.Cookie(users, signed) }, []string{"cookie: the session is nil: it is what New returns"}},
		"a nil handle": {func(c *sessions.Config) { c.Header(none); c.Cookie(users, signed) }, []string{"header: the session is nil: it is what New returns"}},
		"no token": {func(c *sessions.Config) { c.Cookie(sessions.New[int]("a b"), unsigned) }, []string{
			`cookie "a b": the name is not a token: it may have letters, digits and the like`,
		}},
		"a header of another meaning": {func(c *sessions.Config) {
			c.Header(sessions.New[int]("content-length"), func(c *sessions.HeaderConfig) { c.Unsigned() })
			c.Header(sessions.New[int]("host"), func(c *sessions.HeaderConfig) { c.Unsigned() })
			c.Header(sessions.New[int]("COOKIE"), func(c *sessions.HeaderConfig) { c.Unsigned() })
		}, []string{
			`header "content-length": the header has another meaning: choose a name of your own`,
			`header "host": the header has another meaning: choose a name of your own`,
			`header "COOKIE": the header has another meaning: choose a name of your own`,
		}},
		"one header twice": {func(c *sessions.Config) {
			open := func(c *sessions.HeaderConfig) { c.Unsigned() }
			c.Header(sessions.New[int]("Cart"), open)
			c.Header(sessions.New[int]("cart"), open)
		}, []string{`header "cart": another session has that name`}},
		"prefixes": {func(c *sessions.Config) {
			c.Cookie(sessions.New[int]("__Secure-a"), unsigned)
			c.Cookie(sessions.New[int]("__host-a"), unsigned, func(c *sessions.CookieConfig) { c.Path = "/x" })
			c.Cookie(sessions.New[int]("__Host-b"), unsigned, func(c *sessions.CookieConfig) { c.Secure = sessions.SecureAlways })
		}, []string{
			`cookie "__Secure-a": browsers drop a name that begins with __Secure- without Secure: set Secure to SecureAlways`,
			`cookie "__host-a": browsers drop a name that begins with __Host- without Secure: set Secure to SecureAlways`,
			`cookie "__host-a": browsers drop a name that begins with __Host- with another Path than / or with a Domain`,
		}},
		"a handle's": {func(c *sessions.Config) {
			c.Cookie(sessions.New("a", nil, func(o *sessions.Options[int]) { o.Serializer = nil }), unsigned)
		}, []string{
			`cookie "a": the configuration function is nil`, `cookie "a": the serializer is nil: JSON is the default`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, problems(t, sessions.Plugin.With(test.configure)))
		})
	}
}
