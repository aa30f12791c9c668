package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// mostKeys is how many keys a set may have that comes from outside.
const mostKeys = 100

// A jwk is a key as RFC 7517 writes it, as far as it is for verifying.
type jwk struct {
	Type       string   `json:"kty"`
	Use        string   `json:"use"`
	Operations []string `json:"key_ops"`
	Algorithm  string   `json:"alg"`
	ID         string   `json:"kid"`

	Modulus  string `json:"n"` // RSA
	Exponent string `json:"e"`

	Curve string `json:"crv"` // EC and OKP
	X     string `json:"x"`
	Y     string `json:"y"`

	Private json.RawMessage `json:"d"`
}

// ParseJWKS reads a JWK Set (RFC 7517 section 5), as providers publish it. Keys
// that are not for verifying signatures by one of the algorithms are left out:
// those for encryption, of other types, curves or sizes, secrets (kty "oct"),
// and those with a private part, which should not have been published. A key of
// type RSA without alg is for RS256. Several keys may have the same kid: a token
// is accepted if one of them has signed it. That no key is left, or that there
// are more than 100, is an error.
//
// Ktor: JwkProvider.
func ParseJWKS(text []byte) (KeySet, error) {
	var read struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return nil, errors.New("parse a JWK Set: it is not JSON, or its keys are no list")
	}
	if len(read.Keys) > mostKeys {
		return nil, fmt.Errorf("parse a JWK Set: it has %d keys, and %d are the most", len(read.Keys), mostKeys)
	}
	var keys KeySet
	var unfit error // why the first one is left out
	for i, member := range read.Keys {
		key, err := parseJWK(member)
		switch {
		case err == nil:
			keys = append(keys, key)
		case unfit == nil:
			unfit = fmt.Errorf("key %d: %w", i+1, err)
		}
	}
	switch {
	case len(read.Keys) == 0:
		return nil, errors.New("parse a JWK Set: it has no keys")
	case len(keys) == 0:
		return nil, fmt.Errorf("parse a JWK Set: none of its %d keys is for verifying signatures: %w", len(read.Keys), unfit)
	}
	return keys, nil
}

func parseJWK(text json.RawMessage) (key Key, err error) {
	var read jwk
	if err := json.Unmarshal(text, &read); err != nil {
		return key, errors.New("it is not an object, or a member of it is of the wrong type")
	}
	switch {
	case read.Private != nil:
		return key, errors.New("it has a private part")
	case read.Use != "" && read.Use != "sig":
		return key, errors.New("it is not for signatures (use)")
	case read.Operations != nil && !slices.Contains(read.Operations, "verify"):
		return key, errors.New("it is not for verifying (key_ops)")
	}
	material, err := read.publicKey()
	if err != nil {
		return key, err
	}
	key = PublicKey(material).WithID(read.ID)
	if read.Algorithm != "" {
		key = key.WithAlgorithm(Algorithm(read.Algorithm))
	}
	return key, key.mistake()
}

func (k *jwk) publicKey() (crypto.PublicKey, error) {
	switch k.Type {
	case "RSA":
		return k.rsaKey()
	case "EC":
		return k.ecdsaKey()
	case "OKP":
		return k.ed25519Key()
	default:
		return nil, errors.New("it is of a type that is not RSA, EC or OKP (kty)")
	}
}

func (k *jwk) rsaKey() (crypto.PublicKey, error) {
	modulus, err := bytesOf(k.Modulus)
	if err != nil {
		return nil, err
	}
	exponent, err := bytesOf(k.Exponent)
	if err != nil {
		return nil, err
	}
	e := new(big.Int).SetBytes(exponent)
	if !e.IsInt64() || e.Int64() > 1<<31-1 {
		return nil, errors.New("its exponent is too large")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(e.Int64())}, nil
}

func (k *jwk) ecdsaKey() (crypto.PublicKey, error) {
	var curve elliptic.Curve
	switch k.Curve {
	case "P-256":
		curve = elliptic.P256()
	case "P-384":
		curve = elliptic.P384()
	case "P-521":
		curve = elliptic.P521()
	default:
		return nil, errors.New("its curve is not P-256, P-384 or P-521 (crv)")
	}
	x, err := bytesOf(k.X)
	if err != nil {
		return nil, err
	}
	y, err := bytesOf(k.Y)
	if err != nil {
		return nil, err
	}
	size := (curve.Params().BitSize + 7) / 8
	if len(x) != size || len(y) != size { // RFC 7518 section 6.2.1.2
		return nil, errors.New("its coordinates have the wrong length")
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil, errors.New("it is not a point on its curve")
	}
	return key, nil
}

func (k *jwk) ed25519Key() (crypto.PublicKey, error) {
	if k.Curve != "Ed25519" {
		return nil, errors.New("its curve is not Ed25519 (crv)")
	}
	x, err := bytesOf(k.X)
	if err != nil {
		return nil, err
	}
	return ed25519.PublicKey(x), nil
}

func bytesOf(text string) ([]byte, error) {
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || text == "" {
		return nil, errors.New("a number of it is missing, or not in base64url")
	}
	return decoded, nil
}
