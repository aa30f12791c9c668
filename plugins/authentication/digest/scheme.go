package digest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication"
)

// New returns a scheme that says who is calling by digest authentication. P is
// the type of the principal: string, unless Validate makes another.
//
//	users := digest.New("users", func(c *digest.Config[string]) {
//		c.DigestProvider = func(
//			c *app.Call, user, realm string, a digest.Algorithm,
//		) ([]byte, error) {
//			password, found := passwords[user]
//			if !found {
//				return nil, nil
//			}
//			return a.HA1(user, realm, password), nil
//		}
//	})
//
// Mistakes, a nil configure too, are reported by Start at the line that requires
// the scheme.
//
// Ktor: digest.
func New[P any](name string, configure func(*Config[P])) *authentication.Scheme[P] {
	config := newConfig[P]()
	wrong := mistakes.List{mistakes.Configure(&config, []func(*Config[P]){configure})}
	if configure != nil {
		wrong.Add(config.complete())
	}
	s := &scheme[P]{Config: config, nonces: newNonces(config.NonceLifetime, config.MaxNonces)}
	return authentication.New(name, authentication.Provider[P]{
		Authenticate: s.authenticate, Challenge: s.challenge, OnUnauthorized: config.OnUnauthorized, Mistake: wrong.Err(),
	})
}

type scheme[P any] struct {
	Config[P]

	nonces *nonces
}

// Why a call is refused. None of them says anything of the credentials.
var (
	errOffer   = invalid("algorithm, realm or quality of protection is none that was offered")
	errTarget  = invalid("the digest is for another address")
	errUser    = invalid("the user is unknown, or the password wrong")
	errStale   = invalid("the nonce is too old, or was used before")
	errNoCount = invalid("the nonce count is no number")
)

func invalid(reason string) error {
	return fmt.Errorf("%s: %w", reason, authentication.ErrInvalidCredentials)
}

func (s *scheme[P]) authenticate(c *app.Call) (principal P, err error) {
	header := c.Request.Header["Authorization"]
	if len(header) != 1 {
		return principal, authentication.ErrNoCredentials
	}
	credential, isDigest, err := parse(header[0])
	switch {
	case !isDigest:
		return principal, authentication.ErrNoCredentials
	case err != nil:
		return principal, invalid("the header Authorization is malformed: " + err.Error())
	}
	answer, err := s.check(c, &credential)
	if err != nil {
		return principal, err
	}
	if principal, err = s.Validate(c, credential); err != nil {
		return principal, err
	}
	c.Header().Set("Authentication-Info", answer)
	return principal, nil
}

// check returns the value of Authentication-Info for a credential that is proven,
// or why it is refused.
func (s *scheme[P]) check(c *app.Call, credential *Credential) (answer string, err error) {
	if credential.Realm != s.Realm || !slices.Contains(s.Algorithms, credential.Algorithm) || !slices.Contains(s.QOP, credential.QOP) {
		return "", errOffer
	}
	arrived := c.Arrived()
	target := arrived.RequestURI
	if target == "" { // of a request that no server has read
		target = arrived.URL.RequestURI()
	}
	if !credential.isFor(target, c.Request.Host) {
		return "", errTarget
	}
	count, err := strconv.ParseUint(credential.NonceCount, 16, 32)
	if err != nil {
		return "", errNoCount
	}
	known, err := s.prove(c, credential, arrived.Method)
	if err != nil {
		return "", err
	}
	// The nonce comes last: that it is stale is told to those alone who know the
	// password, and theirs alone are remembered.
	usable, aging := s.nonces.use(credential.Nonce, uint32(count))
	if !usable {
		return "", errStale
	}
	return s.info(credential, known.rspauth, aging), nil
}

// prove returns what follows from the digest of the user, if that is the client's.
func (s *scheme[P]) prove(c *app.Call, credential *Credential, method string) (proof, error) {
	sent := *credential
	if err := s.resolve(c, credential); err != nil {
		return proof{}, err
	}
	ha1, err := s.digestOf(c, credential)
	if err != nil {
		return proof{}, err
	}
	exists := ha1 != nil && !credential.UserHash
	if !exists { // costs what a wrong password costs
		kind, _ := credential.Algorithm.kind()
		ha1 = make([]byte, kind.size)
	}
	body := ""
	if credential.QOP == AuthInt {
		if body, err = bodySum(c, credential.Algorithm); err != nil {
			return proof{}, err
		}
	}
	known := sent.prove(ha1, method, body)
	if !sent.isProven(known.expected) || !exists {
		return proof{}, errUser
	}
	return known, nil
}

// resolve replaces the hash of a name by the name. If there is none, it stays.
func (s *scheme[P]) resolve(c *app.Call, credential *Credential) error {
	if !credential.UserHash || s.UserHashResolver == nil {
		return nil
	}
	name, err := s.UserHashResolver(c, strings.ToLower(credential.UserName), s.Realm, credential.Algorithm)
	if err != nil {
		return fmt.Errorf("resolve the hash of a user name: %w", err)
	}
	if name != "" {
		credential.UserName, credential.UserHash = name, false
	}
	return nil
}

// digestOf returns the digest of a user, nil if there is none.
func (s *scheme[P]) digestOf(c *app.Call, credential *Credential) ([]byte, error) {
	ha1, err := s.DigestProvider(c, credential.UserName, s.Realm, credential.Algorithm)
	if err != nil {
		return nil, fmt.Errorf("look up the digest of a user: %w", err)
	}
	if kind, _ := credential.Algorithm.kind(); ha1 != nil && len(ha1) != kind.size {
		return nil, fmt.Errorf("the digest of a user has %d bytes, and those of %s have %d: use Algorithm.HA1",
			len(ha1), credential.Algorithm, kind.size)
	}
	return ha1, nil
}

// bodySum returns the hash of the body, which the handler can receive afterwards.
func bodySum(c *app.Call, algorithm Algorithm) (sum string, err error) {
	err = c.Preview(func() error {
		kind, _ := algorithm.kind()
		hasher := kind.hash()
		if c.Request.Body != nil {
			if _, err := io.Copy(hasher, c.Request.Body); err != nil {
				return fmt.Errorf("read the body for its digest: %w", err)
			}
		}
		sum = hex.EncodeToString(hasher.Sum(nil))
		return nil
	})
	return sum, err
}

// info returns the value of Authentication-Info (RFC 7616 section 3.5). A client
// whose nonce is half as old as it may be is given the next one.
func (s *scheme[P]) info(credential *Credential, rspauth string, aging bool) string {
	next := ""
	if aging {
		next = `, nextnonce="` + s.nonces.next() + `"`
	}
	cnonce := authentication.Challenge{Params: authentication.Params{{Name: "cnonce", Value: credential.CNonce}}}
	return `rspauth="` + rspauth + `", qop=` + string(Auth) + ", nc=" + credential.NonceCount + "," + cnonce.String() + next
}

// challenge returns one challenge for each algorithm (RFC 7616 section 3.7).
func (s *scheme[P]) challenge(_ *app.Call, cause error) []string {
	offered := make([]string, len(s.QOP))
	for i, qop := range s.QOP {
		offered[i] = string(qop)
	}
	params := authentication.Params{
		{Name: "realm", Value: s.Realm},
		{Name: "qop", Value: strings.Join(offered, ", ")},
		{Name: "nonce", Value: s.nonces.next()},
		{Name: "charset", Value: "UTF-8", Bare: true},
	}
	if s.UserHashResolver != nil {
		params = append(params, authentication.Param{Name: "userhash", Value: "true", Bare: true})
	}
	if errors.Is(cause, errStale) {
		params = append(params, authentication.Param{Name: "stale", Value: "true", Bare: true})
	}
	challenges := make([]string, len(s.Algorithms))
	for i, algorithm := range s.Algorithms {
		named := append(slices.Clip(params), authentication.Param{Name: "algorithm", Value: string(algorithm), Bare: true})
		challenges[i] = authentication.Challenge{Scheme: "Digest", Params: named}.String()
	}
	return challenges
}
