package sessions

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/chitor-go/chitor/internal/mistakes"
)

// A use is what keys are used for. Each has keys of its own, derived from the
// configured ones (RFC 5869), so that what was made for one session, transport or
// algorithm is refused by every other.
type use struct {
	algorithm string
	transport string // cookie or header
	name      string // of the session
}

// derive returns the keys for a use. Mistakes are those of the configured keys.
func (u use) derive(keys [][]byte, check func(key []byte) error) (derived [][]byte, err error) {
	var wrong mistakes.List
	if len(keys) == 0 {
		wrong.Add(errors.New("no key is given"))
	}
	for i, key := range keys {
		err := check(key)
		if err == nil && isUniform(key) {
			err = errors.New("all its bytes are the same: make keys with crypto/rand, once, and keep them")
		}
		if err != nil {
			wrong.Add(fmt.Errorf("key %d of %d: %w", i+1, len(keys), err))
			continue
		}
		info := "chitor session 1\x00" + u.algorithm + "\x00" + u.transport + "\x00" + u.name
		made, err := hkdf.Key(sha256.New, key, nil, info, len(key))
		wrong.Add(err)
		derived = append(derived, made)
	}
	return derived, wrong.Err()
}

// isUniform reports whether a key is one byte again and again, as one that was
// never filled in is.
func isUniform(key []byte) bool {
	for _, b := range key {
		if b != key[0] {
			return false
		}
	}
	return true
}
