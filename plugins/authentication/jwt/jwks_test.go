package jwt_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gojwt "github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/jwt"
)

func text(number int64) string { return strconv.FormatInt(number, 10) }

// respond is the response of a provider.
func respond(body string, header http.Header) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	if header["Content-Type"] == nil {
		header.Set("Content-Type", "application/json")
	}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

// A publisher is a provider whose keys a test changes.
type publisher struct {
	mu     sync.Mutex
	body   string
	header http.Header
	err    error
	delay  time.Duration
	asked  int
}

func (p *publisher) change(change func(p *publisher)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

func (p *publisher) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

func (p *publisher) RoundTrip(request *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.asked++
	body, header, err, delay := p.body, p.header.Clone(), p.err, p.delay
	p.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
	if err != nil {
		return nil, err
	}
	return respond(body, header), nil
}

func (p *publisher) keys(changes ...func(*jwt.JWKSConfig)) jwt.Keys {
	return jwt.JWKS("https://id.example.com/.well-known/jwks.json", append(changes, func(c *jwt.JWKSConfig) {
		c.Client = &http.Client{Transport: p}
	})...)
}

func (p *publisher) start(t *testing.T, changes ...func(*jwt.JWKSConfig)) *apptest.Host {
	t.Helper()
	return start(t, scheme(with(p.keys(changes...))))
}

// by is a token that a key of a name has signed.
func by(t *testing.T, id string) string {
	t.Helper()
	return sign(t, gojwt.SigningMethodEdDSA, ed25519Key(), claims(nil), map[string]any{"kid": id})
}

func publish(ids ...string) string {
	var keys []map[string]any
	for _, id := range ids {
		keys = append(keys, published(ed25519Key().Public(), id, nil))
	}
	return set(keys...)
}

func status(host *apptest.Host, token string) int {
	response := host.Get("/", bearer(token))
	_ = response.Body.Close()
	return response.StatusCode
}

// Keys are asked for once, and again when they are too old.
func TestAgeOfKeys(t *testing.T) {
	for name, test := range map[string]struct {
		cacheControl []string
		age          time.Duration
	}{
		"nothing said":  {nil, 5 * time.Minute},
		"max-age":       {[]string{"public, max-age=1800"}, 30 * time.Minute},
		"quoted":        {[]string{`MAX-AGE="1800"`}, 30 * time.Minute},
		"two lines":     {[]string{"public", "max-age=1800"}, 30 * time.Minute},
		"short":         {[]string{"max-age=0"}, 5 * time.Minute},
		"long":          {[]string{"max-age=31536000"}, time.Hour},
		"no number":     {[]string{"max-age=soon"}, 5 * time.Minute},
		"negative":      {[]string{"max-age=-1"}, 5 * time.Minute},
		"without store": {[]string{"max-age=1800, no-store"}, 5 * time.Minute},
		"no cache":      {[]string{"no-cache, max-age=1800"}, 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				provider := &publisher{body: publish(kid), header: http.Header{"Cache-Control": test.cacheControl}}
				host := provider.start(t)
				assert.Zero(t, provider.requests(), "nobody has asked for anything")
				for range 3 {
					assertAccepted(t, host, by(t, kid))
				}
				assert.Equal(t, 1, provider.requests())
				time.Sleep(test.age - 1)
				assertAccepted(t, host, by(t, kid))
				assert.Equal(t, 1, provider.requests())
				time.Sleep(time.Nanosecond)
				assertAccepted(t, host, by(t, kid))
				assert.Equal(t, 2, provider.requests())
			})
		})
	}
}

// A key that comes anew is found, and one that has gone is refused when the keys
// are too old.
func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		provider := &publisher{body: publish("old")}
		host := provider.start(t)
		assertAccepted(t, host, by(t, "old"))
		provider.change(func(p *publisher) { p.body = publish("old", "new") })
		assertRefused(t, host, by(t, "new")) // within the interval
		time.Sleep(10 * time.Second)
		assertAccepted(t, host, by(t, "new"))
		assertAccepted(t, host, by(t, "old"))
		assert.Equal(t, 2, provider.requests())
		provider.change(func(p *publisher) { p.body = publish("new") })
		assertAccepted(t, host, by(t, "old"))
		time.Sleep(5 * time.Minute)
		assertRefused(t, host, by(t, "old"))
		assertAccepted(t, host, by(t, "new"))
	})
}

// Names of keys that are invented make no more requests than the interval lets.
func TestInventedKeysDoNotFloodTheProvider(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		provider := &publisher{body: publish(kid)}
		host := provider.start(t)
		for i := range 1000 {
			assertRefused(t, host, by(t, fmt.Sprint("invented-", i)))
			time.Sleep(100 * time.Millisecond)
		}
		assert.LessOrEqual(t, provider.requests(), 10)
		assertAccepted(t, host, by(t, kid))
	})
}

// Calls that come at once make one request, and all have its keys.
func TestOneRequestForManyCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		provider := &publisher{body: publish(kid), delay: time.Second}
		host := provider.start(t)
		token := by(t, kid)
		var calls sync.WaitGroup
		for range 50 {
			calls.Go(func() { assert.Equal(t, http.StatusOK, status(host, token)) })
		}
		calls.Wait()
		assert.Equal(t, 1, provider.requests())

		// When they are too old, one call waits for new ones, and the others do not.
		time.Sleep(5 * time.Minute)
		began := time.Now()
		calls.Go(func() { assert.Equal(t, http.StatusOK, status(host, token)) })
		synctest.Wait()
		for range 50 {
			assert.Equal(t, http.StatusOK, status(host, token))
		}
		assert.Zero(t, time.Since(began))
		calls.Wait()
		assert.Equal(t, time.Second, time.Since(began))
		assert.Equal(t, 2, provider.requests())
	})
}

// A client that leaves does not end the request that others wait for.
func TestAClientThatLeavesEndsNoRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		provider := &publisher{body: publish(kid), delay: time.Second}
		host := provider.start(t)
		token := by(t, kid)
		hasty := *host.Client()
		hasty.Timeout = 100 * time.Millisecond
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, host.URL+"/", http.NoBody)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+token)
		_, err = hasty.Do(request)
		require.Error(t, err)
		assert.Equal(t, http.StatusOK, status(host, token))
		assert.Equal(t, 1, provider.requests())
	})
}

// A provider that is down is no reason to say that a token is wrong: it is 503
// without keys, and keys that are there stay in use for the stated time.
func TestProviderIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("connection refused")
		provider := &publisher{err: down}
		host := provider.start(t)
		for range 10 {
			response := host.Get("/", bearer(by(t, kid)))
			assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
			assert.Empty(t, response.Header["Www-Authenticate"])
		}
		assert.Equal(t, 1, provider.requests(), "once in the interval")
		assert.Contains(t, fmt.Sprint(host.Log()), "keys of https://id.example.com/.well-known/jwks.json: get the keys: connection refused")

		time.Sleep(10 * time.Second)
		provider.change(func(p *publisher) { p.err, p.body = nil, publish(kid) })
		assertAccepted(t, host, by(t, kid))
		provider.change(func(p *publisher) { p.err = down })
		time.Sleep(5 * time.Minute)
		for range 10 {
			assertAccepted(t, host, by(t, kid))
		}
		assert.Len(t, host.Log().Find("those that are known stay in use"), 1)
		assert.Equal(t, http.StatusServiceUnavailable, status(host, by(t, "new")), "it may well be valid")
		time.Sleep(24*time.Hour - 1)
		assertAccepted(t, host, by(t, kid))
		time.Sleep(time.Nanosecond)
		assert.Equal(t, http.StatusServiceUnavailable, status(host, by(t, kid)))
		time.Sleep(10 * time.Second)
		provider.change(func(p *publisher) { p.err = nil })
		assertAccepted(t, host, by(t, kid))
	})
}

// A provider that does not answer holds a call for no more than Timeout, and all
// that wait with it.
func TestProviderIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		provider := &publisher{body: publish(kid), delay: time.Hour}
		host := provider.start(t)
		token := by(t, kid)
		began := time.Now()
		var calls sync.WaitGroup
		for range 20 {
			calls.Go(func() { assert.Equal(t, http.StatusServiceUnavailable, status(host, token)) })
		}
		calls.Wait()
		assert.Equal(t, 3*time.Second, time.Since(began))
		assert.Equal(t, 1, provider.requests())
	})
}

// endless is a body that never ends.
type endless struct{ wait time.Duration }

func (e endless) Read(p []byte) (int, error) {
	time.Sleep(e.wait)
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
func (endless) Close() error { return nil }

// What a provider must not answer with.
func TestAnswersOfAProvider(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(request *http.Request) *http.Response
		want   string
	}{
		"a status": {func(*http.Request) *http.Response {
			response := respond(publish(kid), nil)
			response.StatusCode = http.StatusNotFound
			return response
		}, "the status is 404"},
		"a page": {func(*http.Request) *http.Response {
			return respond(publish(kid), http.Header{"Content-Type": {"text/html; charset=utf-8"}})
		}, "the content is not JSON"},
		"no type": {func(*http.Request) *http.Response {
			return respond(publish(kid), http.Header{"Content-Type": {""}})
		}, "the content is not JSON"},
		"huge":    {func(*http.Request) *http.Response { return respond(strings.Repeat(" ", 64<<10)+publish(kid), nil) }, "more than 65536 bytes"},
		"endless": {func(*http.Request) *http.Response { r := respond("", nil); r.Body = endless{}; return r }, "more than 65536 bytes"},
		"no JSON": {func(*http.Request) *http.Response { return respond("<html>", nil) }, "it is not JSON"},
		"no keys": {func(*http.Request) *http.Response { return respond(`{"keys":[]}`, nil) }, "it has no keys"},
		"another scheme": {func(*http.Request) *http.Response {
			r := respond("", http.Header{"Location": {"http://id.example.com/"}})
			r.StatusCode = http.StatusFound
			return r
		}, "it redirects to another scheme"},
		"a file": {func(*http.Request) *http.Response {
			r := respond("", http.Header{"Location": {"file:///etc/passwd"}})
			r.StatusCode = http.StatusFound
			return r
		}, "it redirects to another scheme"},
		"a circle": {func(*http.Request) *http.Response {
			r := respond("", http.Header{"Location": {"https://id.example.com/again"}})
			r.StatusCode = http.StatusFound
			return r
		}, "it redirects too often"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				keys := jwt.JWKS("https://id.example.com/", func(c *jwt.JWKSConfig) {
					c.Client = &http.Client{Transport: answers(func(request *http.Request) (*http.Response, error) {
						response := test.answer(request)
						response.Request = request
						return response, nil
					})}
				})
				host := start(t, scheme(with(keys)))
				assert.Equal(t, http.StatusServiceUnavailable, status(host, by(t, kid)))
				assert.Contains(t, fmt.Sprint(host.Log()), test.want)
			})
		})
	}
}

// A redirect to the same scheme is followed, and the client's own rule asked.
func TestRedirectOfAProvider(t *testing.T) {
	seen := 0
	keys := jwt.JWKS("https://id.example.com/", func(c *jwt.JWKSConfig) {
		c.Client = &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { seen++; return nil },
			Transport: answers(func(request *http.Request) (*http.Response, error) {
				if request.URL.Path == "/keys" {
					return respond(publish(kid), http.Header{"Content-Type": {"application/jwk-set+json"}}), nil
				}
				response := respond("", http.Header{"Location": {"https://keys.example.com/keys"}})
				response.StatusCode, response.Request = http.StatusMovedPermanently, request
				return response, nil
			}),
		}
	})
	assertAccepted(t, start(t, scheme(with(keys))), by(t, kid))
	assert.Equal(t, 1, seen)
}

// Mistakes of a JWKS are reported by Start.
func TestMistakesOfJWKS(t *testing.T) {
	for want, keys := range map[string]jwt.Keys{
		"the address of a JWKS is not a URL":                         jwt.JWKS("https://[::1"),
		`the address of a JWKS is "": it must begin with https://`:   jwt.JWKS(""),
		`is "ftp://id.example.com/": it must begin with https://`:    jwt.JWKS("ftp://id.example.com/"),
		`is "http://u:xxxxx@id.example.com/": use https`:             jwt.JWKS("http://u:secret@id.example.com/"),
		"the configuration function is nil":                          jwt.JWKS("https://id.example.com/", nil),
		"Timeout, 0s, and Interval, 10s, of a JWKS must be positive": jwt.JWKS("https://id.example.com/", func(c *jwt.JWKSConfig) { c.Timeout = 0 }),
		"MaxAge 1m0s not less":                                       jwt.JWKS("https://id.example.com/", func(c *jwt.JWKSConfig) { c.MaxAge = time.Minute }),
		"Stale of a JWKS is -1ns":                                    jwt.JWKS("https://id.example.com/", func(c *jwt.JWKSConfig) { c.Stale = -1 }),
		"MaxSize of a JWKS is 0":                                     jwt.JWKS("https://id.example.com/", func(c *jwt.JWKSConfig) { c.MaxSize = 0 }),
	} {
		assert.ErrorContains(t, apptest.StartError(t, guarded(scheme(with(keys)))), want)
	}
	for _, address := range []string{"http://localhost/keys", "http://127.0.0.1:8080/", "http://[::1]/", "http://0.0.0.0:8080/"} {
		start(t, scheme(with(jwt.JWKS(address))))
	}
	start(t, scheme(with(jwt.JWKS("http://keycloak:8080/", func(c *jwt.JWKSConfig) { c.Plaintext = true }))))
}
