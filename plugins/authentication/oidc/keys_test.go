package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// keyed is a site whose provider signs with keys of the test.
type keyed struct {
	*site

	set     atomic.Pointer[string] // that is published
	asked   atomic.Int64
	delay   atomic.Int64 // of an answer, nanoseconds
	private map[string]*ecdsa.PrivateKey
}

func startKeyed(t *testing.T, ids ...string) *keyed {
	t.Helper()
	k := &keyed{private: map[string]*ecdsa.PrivateKey{}}
	for _, id := range ids {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		k.private[id] = private
	}
	k.site = start(t, func(c *config) { c.Client = &http.Client{Transport: &keysEndpoint{c.Client.Transport, k}} })
	k.publish(t, ids...)
	return k
}

// publish has the provider publish keys, and texts that are none.
func (k *keyed) publish(t *testing.T, ids ...string) {
	t.Helper()
	var keys []string
	for _, id := range ids {
		private, ours := k.private[id]
		if !ours {
			keys = append(keys, id)
			continue
		}
		text, err := json.Marshal(jose.JSONWebKey{Key: private.Public(), KeyID: id})
		require.NoError(t, err)
		keys = append(keys, string(text))
	}
	set := `{"keys":[` + strings.Join(keys, ",") + `]}`
	k.set.Store(&set)
}

// signBy has the key of a name sign tokens.
func (k *keyed) signBy(t *testing.T, id string) {
	t.Helper()
	k.id.Replace(func(claims map[string]any) string {
		return signedWith(t, jose.ES256, jose.JSONWebKey{Key: k.private[id], KeyID: id}, claims)
	})
}

// logIn logs in with a token that the key of a name signs.
func (k *keyed) logIn(t *testing.T, id string) int {
	t.Helper()
	k.signBy(t, id)
	return logIn(t, k.browser()).StatusCode
}

// keysEndpoint answers for that of the provider.
type keysEndpoint struct {
	http.RoundTripper

	of *keyed
}

func (e *keysEndpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/keys" {
		return e.RoundTripper.RoundTrip(r)
	}
	e.of.asked.Add(1)
	select {
	case <-time.After(time.Duration(e.of.delay.Load())):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(*e.of.set.Load())), Request: r}, nil
}

// A key that the provider has taken back counts no more after an hour, not even
// for the call that finds out.
func TestKeyThatIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := startKeyed(t, "old", "new")
		assert.Equal(t, http.StatusOK, k.logIn(t, "old"))
		k.publish(t, "new")
		time.Sleep(time.Hour)
		assert.Equal(t, http.StatusUnauthorized, k.logIn(t, "old"))
		assert.Equal(t, http.StatusOK, k.logIn(t, "new"))
		assert.EqualValues(t, 2, k.asked.Load())
	})
}

// One key that is of no use here does not take the others with it.
func TestKeysThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := startKeyed(t, "good")
		k.publish(t, `{"kty":"new","kid":"x"}`, `{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}`, `7`, `null`, "good")
		assert.Equal(t, http.StatusOK, k.logIn(t, "good"))
	})
}

// A token with the name of a key that nobody has does not hold up others.
func TestInventedKeyHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := startKeyed(t, "good", "invented")
		k.publish(t, "good")
		assert.Equal(t, http.StatusOK, k.logIn(t, "good"))
		time.Sleep(5 * time.Second)
		k.delay.Store(int64(8 * time.Second))
		k.signBy(t, "invented")
		browser, done := k.browser(), make(chan int)
		back := toCallback(t, browser)
		go func() { done <- browser.Get(back).StatusCode }()
		synctest.Wait()
		began := time.Now()
		assert.Equal(t, http.StatusOK, k.logIn(t, "good"))
		assert.Zero(t, time.Since(began))
		assert.Equal(t, http.StatusUnauthorized, <-done)
	})
}

// While the provider is down it is not known whether a token by a new key is good.
func TestNewKeyWhileTheProviderIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := startKeyed(t, "old", "new")
		k.publish(t, "old")
		assert.Equal(t, http.StatusOK, k.logIn(t, "old"))
		time.Sleep(5 * time.Second)
		k.delay.Store(int64(time.Hour))
		assert.Equal(t, http.StatusGatewayTimeout, k.logIn(t, "new"))
		assert.Equal(t, http.StatusOK, k.logIn(t, "old"))
	})
}
