package passwords

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"hash"
	"maps"
	"slices"
)

// Digest returns a function that makes the digest of a salt and a password, one
// after the other, in UTF-8: Digest(sha256.New, salt) is what Ktor's
// getDigestFunction("SHA-256", salt) returns. Mind that Kotlin's length of a text
// counts UTF-16 code units, and Go's len bytes. It is nil if one of the functions
// is nil, which [NewDigestTable] refuses. Both may be called from any goroutine.
//
// It is for tables that there are. Digests are made to be fast, so [Hash] is the
// choice for new ones.
//
// Ktor: getDigestFunction.
func Digest(algorithm func() hash.Hash, salt func(password string) string) func(password string) []byte {
	if algorithm == nil || salt == nil {
		return nil
	}
	return func(password string) []byte {
		sum := algorithm()
		_, _ = sum.Write([]byte(salt(password))) // a hash.Hash never fails
		_, _ = sum.Write([]byte(password))
		return sum.Sum(nil)
	}
}

// NewDigestTable returns a table of digests by name, such as one of Ktor's. The
// digester is called once for every login, whether or not the name is there, and
// from several goroutines. It must not be nil, and no digest may be empty. What is
// given is copied.
//
// Ktor: UserHashedTableAuth.
func NewDigestTable(
	digester func(password string) []byte, digests map[string][]byte, configure ...func(*Config),
) (*Table, error) {
	users := make(map[string]stored, len(digests))
	var wrong []error
	if digester == nil {
		wrong = append(wrong, errors.New("the digester is nil: use Digest with two functions"))
	}
	for _, name := range slices.Sorted(maps.Keys(digests)) {
		if len(digests[name]) == 0 {
			wrong = append(wrong, fmt.Errorf("user %q: the digest is empty", name))
		}
		users[name] = &digested{digester, slices.Clone(digests[name])}
	}
	return newTable(users, &digested{digester, nil}, wrong, configure)
}

// digested is the digest of a password. That of nobody is nil, and none is equal
// to it.
type digested struct {
	digester func(password string) []byte
	digest   []byte
}

func (d *digested) matches(password string) bool {
	password, whole := cut(password, MaxLength)
	return subtle.ConstantTimeCompare(d.digester(password), d.digest) == 1 && whole && d.digest != nil
}
