package jwt

import (
	"errors"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Keys finds the keys that may have signed a token: a [Key], a [KeySet], what
// [JWKS] returns, or a type of your own, which may choose by the call. Its method
// is called for concurrent calls at once.
//
// Ktor: verifier, JwkProvider.
type Keys interface {
	// Find returns keys for a token with that header, which nobody has verified
	// yet. Those whose algorithm or name differ from the header's are left out
	// afterwards, so that it may return more than one. No keys refuse the token.
	// An error is a failure: it ends the call with 500, or with its status. So is
	// a key that is a mistake, such as a secret that is too short.
	Find(c *app.Call, header Header) (KeySet, error)
}

// A KeySet is any number of keys: those of which one is replaced by the other,
// for instance. A token may be signed by each whose algorithm is that of the
// token and whose name is the token's kid, if both have one.
type KeySet []Key

// Find returns the set.
func (s KeySet) Find(*app.Call, Header) (KeySet, error) { return s, nil }

func (s KeySet) mistake() error {
	if len(s) == 0 {
		return errors.New("the set of keys is empty")
	}
	var wrong mistakes.List
	for _, key := range s {
		wrong.Add(key.mistake())
	}
	return wrong.Err()
}

// has reports whether a key of the set may have signed a token with that header.
func (s KeySet) has(header Header) bool {
	for i := range s {
		if s[i].mayHaveSigned(header) {
			return true
		}
	}
	return false
}
