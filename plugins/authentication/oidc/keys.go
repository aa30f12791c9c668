package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// algorithms are those that a token may be signed with: with none of them could
// somebody sign who knows no more than the provider's public key, or nothing.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512, jose.PS256, jose.PS384, jose.PS512, jose.EdDSA,
}

// keySet is the keys of a provider. It is go-oidc's KeySet, which asks the
// provider as often as somebody sends a token with an unknown key, and reads as
// much as it sends.
type keySet struct {
	document *cached[jose.JSONWebKeySet]
}

func newKeySet(f *fetcher, address func(context.Context) (string, error)) *keySet {
	return &keySet{newCached(func(ctx context.Context) (*jose.JSONWebKeySet, error) {
		from, err := address(ctx)
		if err != nil {
			return nil, err
		}
		var published struct {
			Keys []json.RawMessage `json:"keys"`
		}
		if err := f.get(ctx, from, &published); err != nil {
			return nil, fmt.Errorf("read the keys: %w", err)
		}
		return parseKeys(published.Keys), nil
	})}
}

// mostKeys is how many keys of a provider are looked at.
const mostKeys = 100

// parseKeys returns the keys that can be used. One that cannot, of a new type for
// instance, does not take the others with it.
func parseKeys(published []json.RawMessage) *jose.JSONWebKeySet {
	var keys jose.JSONWebKeySet
	for _, text := range published[:min(len(published), mostKeys)] {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(text) == nil {
			keys.Keys = append(keys.Keys, key)
		}
	}
	return &keys
}

// keysLifetime is how long a key is used that the provider may have taken back.
const keysLifetime = time.Hour

// outageKey is what a context has an *outage under.
type outageKey struct{}

// An outage says why keys could not be read: go-oidc makes a text of the errors of
// a key set, and a provider that is down is no wrong token.
type outage struct{ err error }

// watched returns a context that tells of an outage.
func watched(ctx context.Context) (context.Context, *outage) {
	o := new(outage)
	return context.WithValue(ctx, outageKey{}, o), o
}

// VerifySignature returns what a token says if a key of the provider has signed
// it.
func (s *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(token, algorithms)
	if err != nil || len(signed.Signatures) != 1 {
		return nil, errors.New("it is not signed as it must be")
	}
	id := signed.Signatures[0].Header.KeyID
	var payload []byte
	var by *jose.JSONWebKeySet // that the payload was looked for with
	keys, err := s.document.get(ctx, func(keys *jose.JSONWebKeySet, age time.Duration) bool {
		payload, by = verify(signed, keys, id), keys
		return payload != nil && age < keysLifetime
	})
	if keys != nil && keys != by { // they were read now, or a moment ago
		payload = verify(signed, keys, id)
	}
	switch {
	case keys != nil && payload != nil:
		return payload, nil
	case err != nil:
		if o, ok := ctx.Value(outageKey{}).(*outage); ok {
			o.err = err
		}
		return nil, err
	default:
		return nil, errors.New("no key of the provider has signed it")
	}
}

// verify returns what was signed, and nil if none of the keys has signed it.
func verify(signed *jose.JSONWebSignature, keys *jose.JSONWebKeySet, id string) []byte {
	for i := range keys.Keys {
		key := &keys.Keys[i]
		if id != "" && key.KeyID != id || key.Use != "" && key.Use != "sig" {
			continue
		}
		if payload, err := signed.Verify(key); err == nil {
			return payload
		}
	}
	return nil
}
