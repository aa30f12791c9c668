package jwt

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	gojwt "github.com/golang-jwt/jwt/v5"

	"github.com/chitor-go/chitor/app"
)

// A Key verifies the signatures of tokens, by one algorithm. It is a value that
// [Secret], [PublicKey], [PEM] or [ParseJWKS] has made; the zero Key is a
// mistake. It prints without what is secret of it, and may be used by any number
// of goroutines.
//
// Ktor: JWT.require(algorithm), Jwk.
type Key struct {
	id        string
	algorithm Algorithm
	verify    func(signed string, signature []byte) error
	remake    func(Algorithm) Key // the same key for another algorithm
	wrong     error
}

// Secret returns a key for HS256: whoever knows the secret can verify tokens,
// and make them. It must have at least 32 bytes for HS256, 48 for HS384 and 64
// for HS512 (RFC 7518 section 3.2), and should be random, as what
// "openssl rand -base64 32" prints. It is copied.
//
// Ktor: Algorithm.HMAC256.
func Secret(secret []byte) Key {
	secret = append([]byte(nil), secret...)
	var remake func(Algorithm) Key
	remake = func(a Algorithm) Key {
		key := makeKey(a, secret, remake)
		if least := leastSecret(a); len(secret) < least {
			key.wrong = fmt.Errorf("the secret has %d bytes: %s needs %d or more, such as openssl rand -base64 %d makes",
				len(secret), a, least, least)
		}
		return key
	}
	return remake(HS256)
}

func leastSecret(a Algorithm) int {
	switch a {
	case HS384:
		return 48
	case HS512:
		return 64
	default:
		return 32
	}
}

// PublicKey returns a key for the algorithm that is usual for its type: RS256
// for an *rsa.PublicKey of 2048 to 8192 bits, ES256, ES384 or ES512 for an
// *ecdsa.PublicKey on the curve P-256, P-384 or P-521, EdDSA for an
// ed25519.PublicKey. Any other key, a private one too, is a mistake.
//
// Ktor: Algorithm.RSA256, Algorithm.ECDSA256.
func PublicKey(key crypto.PublicKey) Key {
	usual, err := algorithmOf(key)
	if err != nil {
		return Key{wrong: err}
	}
	var remake func(Algorithm) Key
	remake = func(a Algorithm) Key { return makeKey(a, key, remake) }
	return remake(usual)
}

// PEM returns a key for what a PEM block has: a public key ("PUBLIC KEY" or "RSA
// PUBLIC KEY") or that of a certificate, whose names and dates are not looked
// at. More than one block, and a private key, are mistakes.
func PEM(text []byte) Key {
	block, rest := pem.Decode(text)
	switch {
	case block == nil:
		return Key{wrong: errors.New("there is no PEM block")}
	case strings.TrimSpace(string(rest)) != "":
		return Key{wrong: errors.New("there is more than one PEM block: give each to PEM, and the keys in a KeySet")}
	}
	key, err := parseBlock(block)
	if err != nil {
		return Key{wrong: err}
	}
	return PublicKey(key)
}

func parseBlock(block *pem.Block) (key crypto.PublicKey, err error) {
	switch block.Type {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = certificate.PublicKey
		}
	default:
		return nil, fmt.Errorf("the PEM block is of type %q, and neither a public key nor a certificate", block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("parse the PEM block %q: %w", block.Type, err)
	}
	return key, nil
}

func makeKey(a Algorithm, material any, remake func(Algorithm) Key) Key {
	method, err := a.method()
	if err != nil {
		return Key{wrong: err}
	}
	return Key{algorithm: a, remake: remake, verify: verifier(method, material)}
}

// verifier closes over the material of a key, so that nothing prints it.
func verifier(method gojwt.SigningMethod, material any) func(string, []byte) error {
	return func(signed string, signature []byte) error { return method.Verify(signed, signature, material) }
}

// WithAlgorithm returns the key for another algorithm of its type: HS384 and
// HS512 for a secret, RS384, RS512, PS256, PS384 and PS512 for RSA. Any other is
// a mistake.
func (k Key) WithAlgorithm(a Algorithm) Key {
	if k.remake == nil { // a mistake already, or the zero Key
		return k
	}
	if !k.algorithm.fits(a) {
		return Key{wrong: fmt.Errorf("a key for %s cannot be used for %q", k.algorithm, string(a))}
	}
	other := k.remake(a)
	other.id = k.id
	return other
}

// WithID returns the key with a name: a token that names another one in its
// header kid is not signed by it. The empty name, the default, is for tokens
// with any kid.
func (k Key) WithID(id string) Key {
	k.id = id
	return k
}

// ID returns the name of the key, "" if it has none.
func (k Key) ID() string { return k.id }

// Algorithm returns the algorithm that the key is for.
func (k Key) Algorithm() Algorithm { return k.algorithm }

// String returns the algorithm and the name.
func (k Key) String() string { return fmt.Sprintf("jwt.Key{%s %q}", k.algorithm, k.id) }

// GoString is String.
func (k Key) GoString() string { return k.String() }

// LogValue is String.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// Find returns the key.
func (k Key) Find(*app.Call, Header) (KeySet, error) { return KeySet{k}, k.mistake() }

func (k Key) mistake() error {
	if k.wrong == nil && k.verify == nil {
		return errors.New("the zero Key verifies nothing: make it with Secret, PublicKey, PEM or ParseJWKS")
	}
	return k.wrong
}

// mayHaveSigned reports whether a token with that header may be from the key.
func (k Key) mayHaveSigned(header Header) bool {
	return k.algorithm == header.Algorithm && (k.id == "" || header.KeyID == "" || k.id == header.KeyID)
}
