package jwt

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// JWKSConfig configures [JWKS]. It is read once; later changes have no effect.
//
// Ktor: JwkProviderBuilder.
type JWKSConfig struct {
	// Client sends the requests. Nil, the default, is one of its own, which
	// keeps no connection open and uses the proxy of the environment. Of a client
	// of yours the redirects are limited as described at [JWKS].
	Client *http.Client
	// Timeout is how long one request may take, with its body: 3 s by default.
	Timeout time.Duration
	// MinAge and MaxAge bound how long keys are used before they are asked for
	// again: as long as max-age in Cache-Control says, or MinAge if there is none,
	// but no less than MinAge, 5 min by default, and no more than MaxAge, 1 h. A
	// key that the provider takes back is accepted for so long.
	//
	// Ktor: cached.
	MinAge, MaxAge time.Duration
	// Interval is how much time passes between two requests at least, whether
	// they fail, or tokens name keys that are not there: 10 s by default. A new
	// key of the provider is found no later.
	//
	// Ktor: rateLimited.
	Interval time.Duration
	// Stale is how long keys are used beyond their age while the provider does
	// not answer: 24 h by default. 0 uses none.
	Stale time.Duration
	// MaxSize is how many bytes a set may have: 64 KiB by default.
	MaxSize int64
	// Plaintext allows http, without TLS, for other hosts than this one. Who can
	// change what passes there can make tokens. Off by default.
	Plaintext bool
}

// JWKS returns the keys that a provider publishes at an address, as a JWK Set:
// see [ParseJWKS]. One value may be used by several schemes.
//
// The keys are asked for by the first call that needs them, and again when they
// are too old, or when a token names a key that is not among them, at most once
// in [JWKSConfig.Interval]: tokens with invented names do not make more requests.
// One call at a time asks; calls that have a key go on with it meanwhile, and
// others wait for that one. The request ends with the application or after
// [JWKSConfig.Timeout], and not with the client of that call, who could leave on
// purpose. Nothing runs between calls.
//
// The address has to be https, or of this host, such as localhost. Up to three
// redirects are followed, none of them to another scheme. The answer has to be
// 200 and JSON by its Content-Type, or text/plain.
//
// While the provider does not answer, the keys that are there are used for
// [JWKSConfig.Stale], which is logged. A token whose key is not among them ends
// the call with an [UnavailableError], 503: it may well be valid. Mistakes are
// reported by Start.
//
// Ktor: verifier with a JwkProvider or an issuer, whose keys are at
// issuer/.well-known/jwks.json.
func JWKS(address string, configure ...func(*JWKSConfig)) Keys {
	config := JWKSConfig{
		Timeout: 3 * time.Second, MinAge: 5 * time.Minute, MaxAge: time.Hour,
		Interval: 10 * time.Second, Stale: 24 * time.Hour, MaxSize: 64 << 10,
	}
	wrong := mistakes.List{mistakes.Configure(&config, configure)}
	location, err := url.Parse(address)
	if err != nil {
		wrong.Add(errors.New("the address of a JWKS is not a URL"))
		location = &url.URL{}
	} else {
		wrong.Add(config.checkAddress(location))
	}
	wrong.Add(config.check())
	p := &provider{config: config, url: location, wrong: wrong.Err(), turn: make(chan struct{}, 1)}
	p.client = p.newClient()
	p.known.Store(&knowledge{})
	return p
}

func (c *JWKSConfig) check() error {
	var wrong mistakes.List
	if c.Timeout <= 0 || c.Interval <= 0 {
		wrong.Add(fmt.Errorf("the settings Timeout, %v, and Interval, %v, of a JWKS must be positive", c.Timeout, c.Interval))
	}
	if c.MinAge < 0 || c.MaxAge < c.MinAge {
		wrong.Add(fmt.Errorf("MinAge %v of a JWKS must not be negative, and MaxAge %v not less", c.MinAge, c.MaxAge))
	}
	if c.Stale < 0 {
		wrong.Add(fmt.Errorf("the setting Stale of a JWKS is %v: it must not be negative", c.Stale))
	}
	if c.MaxSize <= 0 {
		wrong.Add(fmt.Errorf("MaxSize of a JWKS is %d: it must be positive", c.MaxSize))
	}
	return wrong.Err()
}

func (c *JWKSConfig) checkAddress(address *url.URL) error {
	switch {
	case address.Host == "" || address.Scheme != "http" && address.Scheme != "https":
		return fmt.Errorf("the address of a JWKS is %q: it must begin with https:// and a host", address.Redacted())
	case address.Scheme == "http" && !c.Plaintext && !isThisHost(address.Hostname()):
		return fmt.Errorf("the address of a JWKS is %q: use https, or set Plaintext if nobody can change what passes", address.Redacted())
	default:
		return nil
	}
}

// isThisHost reports whether nothing leaves the host on the way there.
func isThisHost(name string) bool {
	address, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && (address.IsLoopback() || address.IsUnspecified())
}

// A provider is what publishes a JWKS.
type provider struct {
	config JWKSConfig
	url    *url.URL
	client *http.Client
	wrong  error

	turn  chan struct{} // full while a call asks
	known atomic.Pointer[knowledge]
}

// knowledge is what is known of a provider. It never changes.
type knowledge struct {
	keys  KeySet
	fresh time.Time // until then nobody asks, unless a key is missing
	stale time.Time // until then the keys are used
	next  time.Time // nobody asks before
	err   error     // of the last request
}

func (p *provider) mistake() error { return p.wrong }

// Find returns the keys, and asks the provider if it has to.
func (p *provider) Find(c *app.Call, header Header) (KeySet, error) {
	if p.wrong != nil {
		return nil, p.wrong
	}
	now, known := time.Now(), p.known.Load()
	if now.Before(known.fresh) && known.keys.has(header) {
		return known.keys, nil
	}
	if !now.Before(known.next) {
		var err error
		if known, err = p.refresh(c, header); err != nil {
			return nil, err
		}
		now = time.Now()
	}
	if known.err == nil || now.Before(known.stale) && known.keys.has(header) {
		return known.keys, nil
	}
	return nil, &UnavailableError{p.url.Redacted(), known.err}
}

// refresh asks the provider, unless another call does so and this one has a key,
// or another call has just done so.
func (p *provider) refresh(c *app.Call, header Header) (*knowledge, error) {
	select {
	case p.turn <- struct{}{}:
	default:
		if known := p.known.Load(); time.Now().Before(known.stale) && known.keys.has(header) {
			return known, nil
		}
		select {
		case p.turn <- struct{}{}:
		case <-c.Context().Done():
			return nil, fmt.Errorf("wait for the keys of %s: %w", p.url.Redacted(), context.Cause(c.Context()))
		}
	}
	defer func() { <-p.turn }()
	known := p.known.Load()
	if time.Now().Before(known.next) {
		return known, nil
	}
	known = p.ask(c.Application(), known)
	p.known.Store(known)
	return known, nil
}

// ask returns what is known after a request.
func (p *provider) ask(a *app.Application, before *knowledge) *knowledge {
	keys, age, err := p.fetch(a.Context())
	now := time.Now()
	age = max(age, p.config.Interval) // so that nobody finds them too old who may not ask yet
	after := &knowledge{keys: keys, fresh: now.Add(age), stale: now.Add(age + p.config.Stale), next: now.Add(p.config.Interval)}
	if err == nil {
		return after
	}
	after.keys, after.fresh, after.stale, after.err = before.keys, before.fresh, before.stale, err
	if now.Before(after.stale) {
		a.Logger().Warn("the keys of a JWKS cannot be had: those that are known stay in use", "url", p.url.Redacted(),
			"until", after.stale, "error", err)
	}
	return after
}
