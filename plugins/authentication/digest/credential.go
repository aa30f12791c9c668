package digest

import (
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/url"
	"strings"

	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/plugins/authentication"
)

// A Credential is what a client sends in Authorization (RFC 7616 section 3.4).
// Printed, logged and encoded as JSON it is without what a password could be
// guessed from.
//
// Ktor: DigestCredential.
type Credential struct {
	// UserName is the name of the user. In what [Config.Validate] gets it is
	// never the hash of it.
	UserName string
	// Realm is that of the scheme.
	Realm string
	// URI is the request target, as the client has hashed it.
	//
	// Ktor: digestUri.
	URI string
	// Algorithm is how the digests are made.
	Algorithm Algorithm
	// QOP is what is protected.
	QOP QOP
	// Nonce, NonceCount and CNonce make each response another one.
	Nonce, NonceCount, CNonce string `json:"-"`
	// Response proves that the client knows the password.
	Response string `json:"-"`
	// UserHash says that UserName is a hash.
	UserHash bool
}

// String returns the name alone.
func (c Credential) String() string { return c.UserName }

// GoString returns the name alone.
func (c Credential) GoString() string { return c.UserName }

// LogValue returns the name alone.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.UserName) }

// longest is how many bytes of Authorization are read.
const longest = 8 << 10

// parse reads the value of a header Authorization. ok is false if it is of
// another scheme.
func parse(header string) (c Credential, ok bool, err error) {
	scheme, _, _ := strings.Cut(header, " ")
	if !httpheader.EqualFold(scheme, "Digest") {
		return c, false, nil
	}
	if len(header) > longest {
		return c, true, errors.New("the header is too long")
	}
	read, err := authentication.ParseAuthorization(header)
	if err != nil {
		return c, true, err
	}
	for i, param := range read.Params {
		if _, first := read.Params[:i].Get(param.Name); first {
			return c, true, errors.New("a parameter stands twice")
		}
	}
	c, err = credentialOf(read.Params)
	return c, true, err
}

func credentialOf(params authentication.Params) (c Credential, err error) {
	for _, needed := range []struct {
		name string
		to   *string
	}{
		{"realm", &c.Realm}, {"uri", &c.URI}, {"nonce", &c.Nonce}, {"nc", &c.NonceCount}, {"cnonce", &c.CNonce},
		{"response", &c.Response}, {"qop", (*string)(&c.QOP)},
	} {
		var found bool
		if *needed.to, found = params.Get(needed.name); !found {
			return c, errors.New("the parameter " + needed.name + " is missing")
		}
	}
	c.Algorithm = MD5 // RFC 7616 section 3.4
	if name, found := params.Get("algorithm"); found {
		c.Algorithm = Algorithm(name)
	}
	if hashed, found := params.Get("userhash"); found {
		c.UserHash = httpheader.EqualFold(hashed, "true")
	}
	if charset, found := params.Get("charset"); found && !httpheader.EqualFold(charset, "UTF-8") {
		return c, errors.New("the charset is not UTF-8")
	}
	if c.UserName, err = userNameOf(params, c.UserHash); err != nil {
		return c, err
	}
	if len(c.NonceCount) != 8 {
		return c, errors.New("the nonce count has not eight digits")
	}
	return c, nil
}

// userNameOf reads username, or username* in the encoding of RFC 8187.
func userNameOf(params authentication.Params, hashed bool) (string, error) {
	plain, isPlain := params.Get("username")
	extended, isExtended := params.Get("username*")
	switch {
	case isPlain == isExtended:
		return "", errors.New("there is no user name, or two")
	case isPlain:
		return plain, nil
	case hashed:
		return "", errors.New("the hash of a user name is encoded")
	}
	charset, rest, _ := strings.Cut(extended, "'")
	_, encoded, found := strings.Cut(rest, "'")
	if !found || !httpheader.EqualFold(charset, "UTF-8") {
		return "", errors.New("the user name is not in UTF-8 by RFC 8187")
	}
	decoded, err := url.PathUnescape(encoded)
	if err != nil {
		return "", errors.New("the user name is not in the encoding of RFC 8187")
	}
	return decoded, nil
}

// A proof is what follows from the digest of a user for one request.
type proof struct {
	expected []byte // the response of who knows the password
	rspauth  string // what proves that the server knows it (RFC 7616 section 3.5)
}

// prove computes both. Body is the hash of the body in hexadecimal, for auth-int.
func (c Credential) prove(ha1 []byte, method, body string) proof {
	kind, _ := c.Algorithm.kind()
	d := digester{kind.hash(), make([]byte, 0, 512)}
	a1 := hex.EncodeToString(ha1)
	if kind.session {
		a1 = d.hexSum(a1, c.Nonce, c.CNonce)
	}
	// The body of the response is not known yet, so it is not protected.
	answer := d.hexSum("", c.URI)
	rspauth := d.hexSum(a1, c.Nonce, c.NonceCount, c.CNonce, string(Auth), answer)
	a2 := d.hexSum(method, c.URI)
	if c.QOP == AuthInt {
		a2 = d.hexSum(method, c.URI, body)
	}
	return proof{d.sum(a1, c.Nonce, c.NonceCount, c.CNonce, string(c.QOP), a2), rspauth}
}

// isProven compares the response in constant time.
func (c Credential) isProven(expected []byte) bool {
	given, err := hex.DecodeString(c.Response)
	return err == nil && subtle.ConstantTimeCompare(given, expected) == 1
}

// isFor reports whether the URI is the target of the request: the same text, or
// the whole address of it.
func (c Credential) isFor(target, host string) bool {
	if c.URI == target {
		return true
	}
	whole, err := url.Parse(c.URI)
	return err == nil && whole.Host != "" && (whole.Scheme == "http" || whole.Scheme == "https") && whole.User == nil &&
		httpheader.EqualFold(whole.Host, host) && whole.RequestURI() == target
}
