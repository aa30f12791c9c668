package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"math/big"
	"time"

	gojwt "github.com/golang-jwt/jwt/v5"
)

// An issuer makes tokens, and publishes the key that verifies them.
type issuer struct {
	settings Settings
	id       string
	key      *rsa.PrivateKey
}

// newIssuer makes a key for as long as the program runs. Ktor's sample has one in
// its configuration, of 512 bits.
func newIssuer(settings Settings) (*issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return &issuer{settings, rand.Text(), key}, nil
}

// token makes a token for a user, which is good for a minute.
func (i *issuer) token(user User) (string, error) {
	token := gojwt.NewWithClaims(gojwt.SigningMethodRS256, Claims{gojwt.RegisteredClaims{
		Issuer: i.settings.Issuer, Audience: gojwt.ClaimStrings{i.settings.Audience},
		ExpiresAt: gojwt.NewNumericDate(time.Now().Add(time.Minute)),
	}, user.Username})
	token.Header["kid"] = i.id
	text, err := token.SignedString(i.key)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return text, nil
}

// jwks is what is at .well-known/jwks.json.
func (i *issuer) jwks() map[string]any {
	number := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
	return map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": i.id, "n": number(i.key.N), "e": number(big.NewInt(int64(i.key.E))),
	}}}
}
