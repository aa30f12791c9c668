package sessions

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/chitor-go/chitor/internal/mistakes"
)

// Settings are what sessions in cookies and in headers have in common.
type Settings struct {
	// Storage keeps the sessions; the client has a random ID. It belongs to
	// whoever made it. Nil, the default, keeps nothing: the client has the session
	// itself, which then must be signed or encrypted. By value nothing can be taken
	// back: who has kept or stolen a cookie has the session, and can have it renewed,
	// until Lifetime is over, whatever a logout has said.
	Storage Storage

	// MaxAge is how long a session lasts since it was last sent: 7 days by
	// default. It is the Max-Age of a cookie, and the server goes by it as well: an
	// older session is none, whatever the client has kept. 0 makes a cookie that
	// the browser forgets when it ends; the server then forgets the session after
	// a day. Parts of a second are cut off.
	//
	// Ktor: maxAge, which the server does not go by.
	MaxAge time.Duration
	// Renew is how much a session must have aged before a call that asks for it
	// sends it anew, with a MaxAge that begins now. Half of MaxAge by default,
	// so that who comes back in that time stays, and few responses set a cookie. 0
	// sends it with every call that asks for it, as Ktor does by default; as much
	// as MaxAge never does. A session by ID is touched in its storage, and its data
	// are left as they are.
	//
	// Ktor: sendOnlyIfModified, which switches between 0 and never.
	Renew time.Duration
	// Lifetime is how long a session lasts in all, however often it is renewed or
	// changed. By value it is 4 times MaxAge by default, and by ID there is no bound,
	// since a logout ends such a session for all who have it. 0 sets no bound: a
	// stolen session by value then lasts for as long as it is used. A login that
	// changes the owner begins another session, and so does a Set after a Clear.
	//
	// Ktor has no such bound.
	Lifetime time.Duration

	use       use
	protected bool // something signs, encrypts or was told not to
	transform []Transformer
	mistakes  mistakes.List
}

const (
	defaultMaxAge = 7 * 24 * time.Hour // Ktor: DEFAULT_SESSION_MAX_AGE
	browserAge    = 24 * time.Hour     // of a session without MaxAge
	unset         = -1                 // Renew and Lifetime have a default that others decide
	lifetimeAges  = 4                  // how many times MaxAge a session by value lasts
)

func defaultSettings() Settings {
	return Settings{MaxAge: defaultMaxAge, Renew: unset, Lifetime: unset}
}

// Sign signs what the client has with HMAC-SHA256. The first key signs, and all
// verify, so that a new key can be put in front of an old one; when MaxAge has
// passed the old one can go. Keys have 32 bytes or more, from crypto/rand, and are
// the same in all nodes. What one session was signed for is refused as any other,
// and a cookie as a header.
//
// Ktor: SessionTransportTransformerMessageAuthentication. What Ktor has signed is
// not read.
func (s *Settings) Sign(keys ...[]byte) {
	signer, err := newSigner(s.use, keys)
	s.add("sign", signer, err)
}

// Encrypt encrypts what the client has with AES-GCM, which also makes sure that
// nobody has changed it. The first key encrypts, and all decrypt: see
// [Settings.Sign]. Keys have 16, 24 or 32 bytes, from crypto/rand. One key must
// not encrypt more than 4 billion values, since nonces are random: where more
// sessions are sent than that, put a new key in front in time.
//
// Ktor: SessionTransportTransformerEncrypt. What Ktor has encrypted is not read.
func (s *Settings) Encrypt(keys ...[]byte) {
	encrypter, err := newEncrypter(s.use, keys)
	s.add("encrypt", encrypter, err)
}

// Transform adds a transformer. Those that were added, Sign and Encrypt among
// them, change what is sent in that order, and what comes in the opposite order.
// By value the first is given the serialized session with its times in front, and
// by ID the ID. What the last returns is written in base64url. A session by value
// with a transformer counts as protected: see that it is.
//
// Ktor: transform.
func (s *Settings) Transform(transformer Transformer) {
	var err error
	if transformer == nil {
		err = errors.New("the transformer is nil")
	}
	s.add("transform", transformer, err)
}

// Unsigned lets a session by value leave as it is. The client can read it and
// make up another: it must say nothing that the client must not choose, such as
// who it is. Without it such a session is a mistake.
//
// Ktor: the default.
func (s *Settings) Unsigned() { s.protected = true }

func (s *Settings) add(what string, t Transformer, err error) {
	s.protected = true
	s.mistakes.Add(mistakes.Each(err, func(one error) error { return fmt.Errorf("%s: %w", what, one) }))
	if err == nil {
		s.transform = append(s.transform, t)
	}
}

// check adds what is wrong with the settings to the mistakes.
func (s *Settings) check() {
	if s.Storage == nil && !s.protected {
		s.mistakes.Add(errors.New("the client has the session itself, and could make it up: call Sign or Encrypt with a key, " +
			"set a Storage, or call Unsigned if it may"))
	}
	if checked, ok := s.Storage.(interface{ check() error }); ok {
		for _, err := range mistakes.Split(checked.check()) {
			s.mistakes.Add(fmt.Errorf("storage: %w", err))
		}
	}
	for _, one := range []struct {
		name  string
		value time.Duration
		unset bool
		zero  string
	}{
		{"MaxAge", s.MaxAge, false, "lasts until the browser ends"},
		{"Renew", s.Renew, s.Renew == unset, "sends with every call that asks"},
		{"Lifetime", s.Lifetime, s.Lifetime == unset, "sets no bound"},
	} {
		switch {
		case one.unset || one.value == 0 || one.value >= time.Second:
		case one.value < 0:
			s.mistakes.Add(fmt.Errorf("%s is %v: it must not be negative, and 0 %s", one.name, one.value, one.zero))
		default:
			s.mistakes.Add(fmt.Errorf("%s is %v, less than a second: write the unit, as in 60 * time.Second", one.name, one.value))
		}
	}
	if s.Renew > s.lifetimes().idle {
		s.mistakes.Add(fmt.Errorf("a session is over after %v, and Renew is %v: it must not be more, and as much never renews",
			s.lifetimes().idle, s.Renew))
	}
}

// lifetimes returns what bounds a session.
func (s *Settings) lifetimes() lifetimes {
	idle := s.MaxAge.Truncate(time.Second)
	if idle == 0 {
		idle = browserAge
	}
	total := s.Lifetime.Truncate(time.Second)
	switch {
	case s.Lifetime != unset:
	case s.Storage == nil:
		total = lifetimeAges * min(idle, math.MaxInt64/lifetimeAges)
	default:
		total = 0
	}
	return lifetimes{idle, total}
}

// renewAfter returns how much a session must have aged.
func (s *Settings) renewAfter() time.Duration {
	if s.Renew == unset {
		return s.lifetimes().idle / 2
	}
	return s.Renew
}
