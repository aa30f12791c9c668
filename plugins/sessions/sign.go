package sessions

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"sync"
)

// minSignKey is the length of the hash, below which a key is weaker than it (RFC
// 2104 section 3).
const minSignKey = sha256.Size

var errSignature = errors.New("no key has signed it")

// signer puts an HMAC-SHA256 behind a value.
//
// Ktor: SessionTransportTransformerMessageAuthentication.
type signer struct{ keys []*signKey }

// signKey has the state of the HMAC after the key, for any number of calls at
// once.
type signKey struct{ states sync.Pool }

type signState struct {
	mac hash.Hash
	sum [sha256.Size]byte
}

func newSigner(u use, keys [][]byte) (*signer, error) {
	u.algorithm = "HMAC-SHA256"
	derived, err := u.derive(keys, func(key []byte) error {
		if len(key) < minSignKey {
			return fmt.Errorf("it has %d bytes: it must have %d or more", len(key), minSignKey)
		}
		return nil
	})
	s := &signer{}
	for _, key := range derived {
		k := &signKey{}
		k.states.New = func() any { return &signState{mac: hmac.New(sha256.New, key)} }
		s.keys = append(s.keys, k)
	}
	return s, err
}

// appendMAC appends the MAC of data to dst.
func (k *signKey) appendMAC(dst, data []byte) []byte {
	state := k.states.Get().(*signState)
	state.mac.Reset()
	state.mac.Write(data)
	dst = append(dst, state.mac.Sum(state.sum[:0])...)
	k.states.Put(state)
	return dst
}

// verifies compares in constant time.
func (k *signKey) verifies(data, mac []byte) bool {
	state := k.states.Get().(*signState)
	state.mac.Reset()
	state.mac.Write(data)
	equal := hmac.Equal(state.mac.Sum(state.sum[:0]), mac)
	k.states.Put(state)
	return equal
}

func (s *signer) TransformWrite(value []byte) ([]byte, error) {
	return s.keys[0].appendMAC(value, value), nil
}

func (s *signer) TransformRead(value []byte) ([]byte, error) {
	end := len(value) - sha256.Size
	if end < 0 {
		return nil, errSignature
	}
	for _, key := range s.keys {
		if key.verifies(value[:end], value[end:]) {
			return value[:end], nil
		}
	}
	return nil, errSignature
}
