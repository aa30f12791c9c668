package oauth

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/app"
)

// An attempt is a login that has begun. The browser keeps it, in a cookie that
// nobody else can make or read.
type attempt struct {
	State    string    `json:"s"`
	Verifier string    `json:"v"` // of PKCE
	Nonce    string    `json:"n"` // of OpenID Connect
	ReturnTo string    `json:"r"`
	Settings string    `json:"p"` // fingerprint of the provider's, which an answer must have too
	Expires  time.Time `json:"e"`
}

const (
	maxAttempts = 4  // of one browser at a time
	maxRemoved  = 8  // cookies that are taken away at a time, should there be more
	maxState    = 64 // bytes of a state that is looked at
	shownState  = 8  // bytes of it in the name of the cookie
)

func newAttempt(returnTo string, settings *oauth2.Config, lifetime time.Duration) *attempt {
	return &attempt{
		State: rand.Text(), Verifier: oauth2.GenerateVerifier(), Nonce: rand.Text(),
		ReturnTo: returnTo, Settings: fingerprint(settings), Expires: time.Now().Add(lifetime).Round(0),
	}
}

// fingerprint tells one provider from another. Where there are several, one that
// means harm could have its answer taken for that of another one (RFC 9700 section
// 4.4).
func fingerprint(s *oauth2.Config) string {
	all := strings.Join([]string{s.Endpoint.AuthURL, s.Endpoint.TokenURL, s.ClientID, s.RedirectURL}, "\x00")
	sum := sha256.Sum256([]byte(all))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// is reports whether the answer with a state belongs to the attempt.
func (a *attempt) is(state string) bool {
	return subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) == 1 && time.Now().Before(a.Expires)
}

// A jar keeps the attempts of browsers in cookies. It does not change.
type jar struct {
	prefix   string // of the cookies' names
	secure   bool
	sameSite http.SameSite
	sealer   cipher.AEAD
}

// newJar returns the jar of a flow. A cookie is sent to its own host alone if the
// browser holds it to that, which it does with the prefix __Host-.
func newJar(name string, key []byte, secure, crossSite bool) (*jar, error) {
	derived, err := hkdf.Key(sha256.New, key, nil, "chitor oauth login "+name, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive the key: %w", err)
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, fmt.Errorf("derive the key: %w", err)
	}
	sealer, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("derive the key: %w", err)
	}
	j := &jar{prefix: "oauth_" + name + "_", secure: secure, sameSite: http.SameSiteLaxMode, sealer: sealer}
	if secure {
		j.prefix = "__Host-" + j.prefix
	}
	if crossSite {
		j.sameSite = http.SameSiteNoneMode
	}
	return j, nil
}

// add gives the browser an attempt, and takes the oldest ones away if it has too
// many.
func (j *jar) add(c *app.Call, a *attempt, lifetime time.Duration) error {
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false) // an & would take six bytes, and browsers drop cookies over 4 KiB
	if err := encoder.Encode(a); err != nil {
		return fmt.Errorf("write the cookie of a login: %w", err)
	}
	j.makeRoom(c)
	name := j.prefix + a.State[:shownState]
	//nolint:gosec // the sealer takes a random nonce itself
	sealed := j.sealer.Seal(nil, nil, plain.Bytes(), []byte(name))
	return c.SetCookie(j.cookie(name, base64.RawURLEncoding.EncodeToString(sealed), int(lifetime.Seconds())))
}

// makeRoom leaves at most maxAttempts-1 cookies in the browser.
func (j *jar) makeRoom(c *app.Call) {
	var names []string
	for _, cookie := range c.Request.Cookies() {
		if strings.HasPrefix(cookie.Name, j.prefix) {
			names = append(names, cookie.Name)
		}
	}
	// Browsers send those first that they have got first (RFC 6265 section 5.4).
	for _, name := range names[:min(max(len(names)-maxAttempts+1, 0), maxRemoved)] {
		j.remove(c, name)
	}
}

// take returns the attempt that a state belongs to, and takes it away from the
// browser; nil if there is none.
func (j *jar) take(c *app.Call, state string) *attempt {
	if len(state) < shownState || len(state) > maxState {
		return nil
	}
	name := j.prefix + state[:shownState]
	value, found := c.Cookie(name)
	if !found {
		return nil
	}
	j.remove(c, name)
	a := j.open(name, value)
	if a == nil || !a.is(state) {
		return nil
	}
	return a
}

// open reads a cookie; nil if this jar has not written it under that name.
func (j *jar) open(name, value string) *attempt {
	sealed, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return nil
	}
	plain, err := j.sealer.Open(nil, nil, sealed, []byte(name))
	if err != nil {
		return nil
	}
	var a attempt
	if json.Unmarshal(plain, &a) != nil {
		return nil
	}
	return &a
}

func (j *jar) remove(c *app.Call, name string) {
	// The request had a cookie of that name, so it can be set.
	_ = c.SetCookie(j.cookie(name, "", -1))
}

func (j *jar) cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure wherever there is https
		Name: name, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: j.secure, SameSite: j.sameSite,
	}
}
