package passwords

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

const (
	bcryptLength   = 60 // of a hash
	bcryptPassword = 72 // bytes of a password that count
	mostCost       = 16 // about three seconds
)

// A bcryptHash is one of bcrypt, as its text.
type bcryptHash []byte

// A password with a zero byte is wrong: bcrypt repeats a password, each time with a
// zero byte behind it, so that "a" and "a\x00a" have one hash.
func (h bcryptHash) matches(password string) bool {
	password, whole := cut(password, bcryptPassword)
	matches := bcrypt.CompareHashAndPassword(h, []byte(password)) == nil
	return matches && whole && strings.IndexByte(password, 0) < 0
}

var errBcrypt = errors.New("the stored hash is none of bcrypt: its form is $2b$, a cost of two digits, $, and 53 letters, digits, dots and slashes")

// parseBcrypt reads a hash that begins with one of the versions of bcrypt, which
// differ in mistakes of old that no hash of Go has.
func parseBcrypt(text string) (bcryptHash, error) {
	if len(text) != bcryptLength || text[6] != '$' || strings.ContainsFunc(text[7:], isNoBcryptRune) {
		return nil, errBcrypt
	}
	cost, err := strconv.ParseUint(text[4:6], 10, 8)
	if err != nil {
		return nil, errBcrypt
	}
	if cost < uint64(bcrypt.MinCost) || cost > mostCost {
		return nil, fmt.Errorf("the stored hash has a cost of %d: %d to %d are allowed", cost, bcrypt.MinCost, mostCost)
	}
	return bcryptHash(text), nil
}

func isNoBcryptRune(r rune) bool {
	alphanumeric := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return !alphanumeric && r != '.' && r != '/'
}
