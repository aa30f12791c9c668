package passwords

import "fmt"

// Watch has a table tell the cost of every hash that it verifies, before any call.
func Watch(t *Table, seen func(cost string)) {
	t.verified = func(s stored) { seen(costOf(s)) }
}

// costOf says what a hash costs to verify.
func costOf(s stored) string {
	switch s := s.(type) {
	case *argon2Hash:
		return fmt.Sprintf("argon2id %d KiB, %d passes, %d threads", s.memory, s.passes, s.threads)
	case bcryptHash:
		return "bcrypt " + string(s[4:6])
	default:
		return "digest"
	}
}

// Read reads a hash and writes it again, with the work that it asks for, in KiB of
// all passes.
func Read(text string) (again string, work uint64, err error) {
	s, err := parse(text)
	if err != nil {
		return "", 0, err
	}
	switch s := s.(type) {
	case *argon2Hash:
		return s.String(), uint64(s.memory) * uint64(s.passes), nil
	case bcryptHash:
		return string(s), 0, nil
	}
	return "", 0, nil
}
