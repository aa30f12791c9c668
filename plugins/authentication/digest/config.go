package digest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication"
)

// Config configures a scheme: P is the type of the principal. It is read by
// [New]; later changes have no effect. The functions are called for concurrent
// calls at once.
//
// Ktor: DigestAuthenticationProvider.Config.
type Config[P any] struct {
	// Realm names what is protected: browsers show it, and it is part of all
	// digests. "Chitor Server" by default; an empty one is a mistake.
	//
	// Ktor: realm.
	Realm string
	// Algorithms are those that clients may choose from, the preferred first.
	// SHA256 and SHA512256 by default, which RFC 7616 asks for. Each has a
	// challenge of its own.
	//
	// Ktor: algorithms, SHA-512-256 and MD5 by default; strictRfc7616Mode.
	Algorithms []Algorithm
	// QOP is what clients may protect: [Auth] by default.
	//
	// Ktor: supportedQop.
	QOP []QOP

	// DigestProvider returns the digest of a user for an algorithm:
	//
	//	return algorithm.HA1(userName, realm, password), nil
	//
	// or what was stored of it. Nil without an error is a user that there is not;
	// the rest of the work is done all the same, and a provider should take as
	// long for one as for the other. An error is a failure: it ends the call with
	// 500, or with its status. It has no default, and must be set.
	//
	// Ktor: digestProvider.
	DigestProvider func(c *app.Call, userName, realm string, algorithm Algorithm) ([]byte, error)
	// UserHashResolver returns the name of the user whose
	// [Algorithm.UserHash] is userHash, "" if there is none, so that clients can
	// keep names from who listens. An error is a failure. Nil, the default, does
	// not offer it.
	//
	// Ktor: userHashResolver.
	UserHashResolver func(c *app.Call, userHash, realm string, algorithm Algorithm) (string, error)
	// Validate returns the principal for a user that has proven to know the
	// password. An error decides as one of
	// [authentication.Provider.Authenticate] does. Nil, the default, makes the
	// name the principal, and is a mistake if P is not string.
	//
	// Ktor: validate.
	Validate func(c *app.Call, credential Credential) (P, error)
	// OnUnauthorized answers a call that is refused with 401, in place of the
	// plain answer, which has the challenges: see
	// [authentication.Provider.OnUnauthorized]. Nil, the default, does not.
	//
	// Ktor: onUnauthorized.
	OnUnauthorized func(c *app.Call, refused *authentication.UnauthorizedError) error

	// NonceLifetime is how long a nonce can be used: 5 min by default. A client
	// with an older one is given another, without asking the user again. Less
	// than a second is a mistake.
	//
	// Ktor: nonceManager.
	NonceLifetime time.Duration
	// MaxNonces is how many nonces in use are remembered, of about 100 bytes
	// each: 10,000 by default. Each client has one. Beyond, the oldest has to be
	// replaced by its client: nothing is let in twice. Less than 1 is a mistake.
	MaxNonces int
}

func newConfig[P any]() Config[P] {
	return Config[P]{
		Realm: "Chitor Server", Algorithms: []Algorithm{SHA256, SHA512256}, QOP: []QOP{Auth},
		NonceLifetime: 5 * time.Minute, MaxNonces: 10_000,
	}
}

// complete sets what depends on other settings, and returns all mistakes.
func (c *Config[P]) complete() error {
	var wrong mistakes.List
	if c.Realm == "" {
		wrong.Add(errors.New("the realm is empty: it names what is protected"))
	}
	if strings.ContainsFunc(c.Realm, unicode.IsControl) {
		wrong.Add(errors.New("the realm has a control character"))
	}
	if c.DigestProvider == nil {
		wrong.Add(errors.New("the function DigestProvider is nil: it returns the digest of a user, as Algorithm.HA1 makes it"))
	}
	if c.Validate == nil {
		name := func(_ *app.Call, credential Credential) (string, error) { return credential.UserName, nil }
		var isName bool
		if c.Validate, isName = any(name).(func(*app.Call, Credential) (P, error)); !isName {
			wrong.Add(fmt.Errorf("the function Validate is nil: it makes a %T of a credential", *new(P)))
		}
	}
	wrong.Add(c.checkLists())
	if c.NonceLifetime < time.Second {
		wrong.Add(fmt.Errorf("the setting NonceLifetime is %v: it must be a second or more", c.NonceLifetime))
	}
	if c.MaxNonces < 1 {
		wrong.Add(fmt.Errorf("the setting MaxNonces is %d: it must be 1 or more", c.MaxNonces))
	}
	c.Algorithms, c.QOP = slices.Clone(c.Algorithms), slices.Clone(c.QOP)
	return wrong.Err()
}

func (c *Config[P]) checkLists() error {
	var wrong mistakes.List
	if len(c.Algorithms) == 0 {
		wrong.Add(errors.New("the list Algorithms is empty: SHA256 and SHA512256 are the default"))
	}
	for i, algorithm := range c.Algorithms {
		if _, known := algorithm.kind(); !known || slices.Contains(c.Algorithms[:i], algorithm) {
			wrong.Add(fmt.Errorf("the algorithm %q is unknown, or stands twice", string(algorithm)))
		}
	}
	if len(c.QOP) == 0 {
		wrong.Add(errors.New("the list QOP is empty: Auth is the default, and without any a request could be replayed"))
	}
	for i, qop := range c.QOP {
		if !qop.known() || slices.Contains(c.QOP[:i], qop) {
			wrong.Add(fmt.Errorf("the quality of protection %q is unknown, or stands twice", string(qop)))
		}
	}
	return wrong.Err()
}
