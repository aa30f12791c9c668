package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"

	gojwt "github.com/golang-jwt/jwt/v5"
)

// An Algorithm is how a token is signed (RFC 7518 section 3.1, RFC 8037 section
// 3.1). It is a property of a [Key]; what a token says of it is compared.
//
// Ktor: Algorithm.
type Algorithm string

// The algorithms. There is no "none".
const (
	HS256 Algorithm = "HS256" // HMAC with SHA-256, for a secret
	HS384 Algorithm = "HS384"
	HS512 Algorithm = "HS512"
	RS256 Algorithm = "RS256" // RSASSA-PKCS1-v1_5 with SHA-256, for an RSA key
	RS384 Algorithm = "RS384"
	RS512 Algorithm = "RS512"
	PS256 Algorithm = "PS256" // RSASSA-PSS with SHA-256, for an RSA key
	PS384 Algorithm = "PS384"
	PS512 Algorithm = "PS512"
	ES256 Algorithm = "ES256" // ECDSA, for a key on the curve P-256
	ES384 Algorithm = "ES384" // ECDSA, for a key on the curve P-384
	ES512 Algorithm = "ES512" // ECDSA, for a key on the curve P-521
	EdDSA Algorithm = "EdDSA" // for an Ed25519 key
)

// method returns what verifies signatures by an algorithm.
func (a Algorithm) method() (gojwt.SigningMethod, error) {
	switch a {
	case HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA:
		return gojwt.GetSigningMethod(string(a)), nil
	default:
		return nil, fmt.Errorf("%q is no algorithm of this package", string(a))
	}
}

const (
	leastRSA = 2048 // bits: RFC 7518 section 3.3
	mostRSA  = 8192 // what is longer takes milliseconds for each token
)

// algorithmOf returns the algorithm that a public key is for, of several the one
// that is usual.
func algorithmOf(key crypto.PublicKey) (Algorithm, error) {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return RS256, checkRSA(key)
	case *ecdsa.PublicKey:
		return algorithmOfCurve(key)
	case ed25519.PublicKey:
		if len(key) != ed25519.PublicKeySize {
			return "", fmt.Errorf("an Ed25519 key has %d bytes, and this one %d", ed25519.PublicKeySize, len(key))
		}
		return EdDSA, nil
	case crypto.Signer:
		return "", errors.New("it is a private key: give its Public()")
	default:
		return "", fmt.Errorf("a %T is none of *rsa.PublicKey, *ecdsa.PublicKey and ed25519.PublicKey", key)
	}
}

func checkRSA(key *rsa.PublicKey) error {
	if key == nil || key.N == nil {
		return errors.New("the RSA key is nil")
	}
	if bits := key.N.BitLen(); bits < leastRSA || bits > mostRSA {
		return fmt.Errorf("the RSA key has %d bits: it must have %d to %d", bits, leastRSA, mostRSA)
	}
	if key.E < 3 || key.E&1 == 0 {
		return fmt.Errorf("the exponent of the RSA key is %d", key.E)
	}
	return nil
}

func algorithmOfCurve(key *ecdsa.PublicKey) (Algorithm, error) {
	if key == nil || key.Curve == nil {
		return "", errors.New("the ECDSA key is nil")
	}
	if _, err := key.ECDH(); err != nil { // it is not on its curve, or at infinity
		return "", errors.New("the ECDSA key is not a point on P-256, P-384 or P-521")
	}
	switch key.Curve.Params().BitSize {
	case 256:
		return ES256, nil
	case 384:
		return ES384, nil
	default:
		return ES512, nil
	}
}

// fits reports whether keys for one algorithm can be used for the other.
func (a Algorithm) fits(other Algorithm) bool { return family(a) == family(other) }

func family(a Algorithm) string {
	switch a {
	case HS256, HS384, HS512:
		return "a secret"
	case RS256, RS384, RS512, PS256, PS384, PS512:
		return "RSA"
	default:
		return string(a) // a curve has one
	}
}
