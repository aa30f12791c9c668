package passwords

import (
	"errors"
	"fmt"
	"strings"
)

// MaxLength is how many bytes a password has at most. Bcrypt takes no more than 72.
const MaxLength = 1024

// ErrEmpty is wrapped by the error of [Hash] for a password without a character.
var ErrEmpty = errors.New("the password is empty")

// ErrTooLong is wrapped by the error of [Hash] for a password of more than
// [MaxLength] bytes.
var ErrTooLong = fmt.Errorf("the password has more than %d bytes", MaxLength)

// Hash returns a hash of a password to store, of argon2id with a random salt. It
// takes 19 MiB of memory while it runs, and there is no bound to how many run at
// once: [Table.Hash] has one. It may be called from any goroutine.
func Hash(password string) (string, error) {
	switch {
	case password == "":
		return "", fmt.Errorf("hash a password: %w", ErrEmpty)
	case len(password) > MaxLength:
		return "", fmt.Errorf("hash a password: %w", ErrTooLong)
	}
	return newArgon2(password).String(), nil
}

// Verify reports whether a password is the one that hash was made of. An error
// says why hash is none of those of the package; then it is false. The time that
// it takes depends on hash alone, not on the password. It may be called from any
// goroutine.
func Verify(hash, password string) (bool, error) {
	stored, err := parse(hash)
	if err != nil {
		return false, fmt.Errorf("verify a password: %w", err)
	}
	return stored.matches(password), nil
}

// A stored is what is kept of a password. It never changes.
type stored interface {
	// matches reports whether that is the password. It takes the same time
	// whatever the password is, one that is too long included.
	matches(password string) bool
}

var errUnknownKind = errors.New("the stored hash is of an unknown kind: it begins with $argon2id$, $2a$, $2b$ or $2y$")

// parse reads a hash.
func parse(hash string) (stored, error) {
	switch {
	case strings.HasPrefix(hash, "$argon2id$"):
		return parseArgon2(hash)
	case strings.HasPrefix(hash, "$2a$"), strings.HasPrefix(hash, "$2b$"), strings.HasPrefix(hash, "$2y$"):
		return parseBcrypt(hash)
	default:
		return nil, errUnknownKind
	}
}

// cut returns a password of at most limit bytes, and whether this is all of it.
// One that is longer is as good as none, which takes as long to find wrong.
func cut(password string, limit int) (string, bool) {
	if len(password) > limit {
		return "", false
	}
	return password, true
}
