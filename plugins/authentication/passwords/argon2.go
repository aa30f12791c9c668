package passwords

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// What Hash uses: OWASP's recommendation for argon2id with the least memory.
const (
	usualMemory  = 19 * 1024 // KiB
	usualPasses  = 2
	usualThreads = 1
	saltLength   = 16
	sumLength    = 32
)

// What a stored hash may ask for. Libsodium's "sensitive" is the most that is in
// use: 1 GiB four times.
const (
	mostMemory  = 1 << 20 // KiB
	mostPasses  = 32
	mostThreads = 16
	mostWork    = 4 << 20 // KiB in all passes together
	leastMemory = 8       // KiB for each thread: RFC 9106 section 3.1
)

// An argon2Hash is one of argon2id, version 19.
type argon2Hash struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
	salt    []byte
	sum     []byte
}

// unpadded returns the Base64 of the PHC string format.
func unpadded() *base64.Encoding { return base64.RawStdEncoding.Strict() }

func newArgon2(password string) *argon2Hash {
	h := &argon2Hash{memory: usualMemory, passes: usualPasses, threads: usualThreads, salt: make([]byte, saltLength), sum: make([]byte, sumLength)}
	_, _ = rand.Read(h.salt) // it never fails
	h.sum = h.derive(password)
	return h
}

// usualDecoy is what stands for a user of whom nothing is known.
func usualDecoy() stored {
	return &argon2Hash{usualMemory, usualPasses, usualThreads, make([]byte, saltLength), make([]byte, sumLength)}
}

func (h *argon2Hash) derive(password string) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.threads, uint32(len(h.sum)))
}

func (h *argon2Hash) matches(password string) bool {
	password, whole := cut(password, MaxLength)
	return subtle.ConstantTimeCompare(h.derive(password), h.sum) == 1 && whole
}

// String returns the hash in the PHC string format.
func (h *argon2Hash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.threads,
		unpadded().EncodeToString(h.salt), unpadded().EncodeToString(h.sum))
}

var errArgon2 = errors.New("the stored hash is none of argon2id: its form is $argon2id$v=19$m=…,t=…,p=…$salt$hash")

// parseArgon2 reads a hash in the PHC string format, as String writes it.
func parseArgon2(text string) (*argon2Hash, error) {
	fields := strings.Split(text, "$")
	if len(fields) != 6 || fields[2] != "v=19" {
		return nil, errArgon2
	}
	numbers := strings.Split(fields[3], ",")
	if len(numbers) != 3 {
		return nil, errArgon2
	}
	memory, hasMemory := number(numbers[0], "m=")
	passes, hasPasses := number(numbers[1], "t=")
	threads, hasThreads := number(numbers[2], "p=")
	salt, hasSalt := decode(fields[4])
	sum, hasSum := decode(fields[5])
	if !hasMemory || !hasPasses || !hasThreads || !hasSalt || !hasSum {
		return nil, errArgon2
	}
	switch {
	case threads < 1 || threads > mostThreads:
		return nil, fmt.Errorf("the stored hash wants %d threads: 1 to %d are allowed", threads, mostThreads)
	case passes < 1 || passes > mostPasses:
		return nil, fmt.Errorf("the stored hash wants %d passes: 1 to %d are allowed", passes, mostPasses)
	case memory < leastMemory*threads || memory > mostMemory:
		return nil, fmt.Errorf("the stored hash wants %d KiB: %d to %d are allowed", memory, leastMemory*threads, mostMemory)
	case memory*passes > mostWork:
		return nil, fmt.Errorf("the stored hash wants %d KiB %d times: %d in all are allowed", memory, passes, mostWork)
	case len(salt) < 8 || len(salt) > 64 || len(sum) < 16 || len(sum) > 64:
		return nil, errors.New("the stored hash has a salt or a sum of a length that is none: 8 to 64 bytes, and 16 to 64")
	}
	return &argon2Hash{uint32(memory), uint32(passes), uint8(threads), salt, sum}, nil
}

// number reads a parameter: digits without a sign, and without zeros in front.
func number(text, name string) (uint64, bool) {
	digits, ok := strings.CutPrefix(text, name)
	if !ok || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return 0, false
	}
	value, err := strconv.ParseUint(digits, 10, 32)
	return value, err == nil
}

// decode reads Base64 without line breaks, which Go's reader would skip.
func decode(text string) ([]byte, bool) {
	value, err := unpadded().DecodeString(text)
	return value, err == nil && !strings.ContainsAny(text, "\r\n")
}
