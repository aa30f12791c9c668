package sessions

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

// idLength is how long an ID is: 26 letters and digits of RFC 4648's base32, of 5
// bits each.
const idLength = 26

// newID returns a new ID of 130 random bits.
func newID() string { return rand.Text() }

// isID reports whether text has the shape of an ID. Nothing else is ever looked
// up.
func isID(text string) bool {
	if len(text) != idLength {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// keyOf returns what a storage knows something of a session by: a hash, of the
// name as well, so that no ID of one session is one of another.
func keyOf(kind, name, secret string) string {
	input := make([]byte, 0, 128)
	input = append(input, kind...)
	input = append(input, 0)
	input = append(input, name...)
	input = append(input, 0)
	input = append(input, secret...)
	sum := sha256.Sum256(input)
	var digits [2 * sha256.Size]byte
	hex.Encode(digits[:], sum[:])
	return string(digits[:])
}
