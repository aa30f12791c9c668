package sessions

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

var errEncrypted = errors.New("no key has encrypted it")

// encrypter encrypts values with AES-GCM and a random nonce, which stands in front.
//
// Ktor: SessionTransportTransformerEncrypt, which has AES-CBC and an HMAC.
type encrypter struct{ keys []cipher.AEAD }

func newEncrypter(u use, keys [][]byte) (*encrypter, error) {
	u.algorithm = "AES-GCM"
	derived, err := u.derive(keys, func(key []byte) error {
		switch len(key) {
		case 16, 24, 32:
			return nil
		default:
			return fmt.Errorf("it has %d bytes: AES takes 16, 24 or 32", len(key))
		}
	})
	e := &encrypter{}
	for _, key := range derived {
		block, blockErr := aes.NewCipher(key)
		if blockErr != nil {
			return nil, errors.Join(err, blockErr)
		}
		aead, gcmErr := cipher.NewGCM(block)
		if gcmErr != nil {
			return nil, errors.Join(err, gcmErr)
		}
		e.keys = append(e.keys, aead)
	}
	return e, err
}

func (e *encrypter) TransformWrite(value []byte) ([]byte, error) {
	key := e.keys[0]
	sealed := make([]byte, key.NonceSize(), key.NonceSize()+len(value)+key.Overhead())
	_, _ = rand.Read(sealed) // never fails
	return key.Seal(sealed, sealed, value, nil), nil
}

func (e *encrypter) TransformRead(value []byte) ([]byte, error) {
	for _, key := range e.keys {
		if len(value) < key.NonceSize()+key.Overhead() {
			break
		}
		nonce, sealed := value[:key.NonceSize()], value[key.NonceSize():]
		dst := sealed[:0]
		if len(e.keys) > 1 {
			dst = nil // a key that fails leaves nothing of what it was to open in
		}
		if opened, err := key.Open(dst, nonce, sealed, nil); err == nil {
			return opened, nil
		}
	}
	return nil, errEncrypted
}
