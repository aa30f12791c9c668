package callid

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// defaultLength is how many characters a generated id has by default, as in
// Ktor.
const defaultLength = 64

// A text is a source of random ids.
type text struct {
	length     int
	dictionary string // of one byte each
}

// check returns why its ids could not pass.
func (t text) check(maxLength int, allowed string) error {
	switch {
	case t.length < 0:
		return fmt.Errorf("the length is %d", t.length)
	case t.length > maxLength:
		return fmt.Errorf("the length %d is over MaxLength, which is %d", t.length, maxLength)
	case len(t.dictionary) < 2:
		return errors.New("the dictionary has one character")
	}
	for i, character := range t.dictionary {
		switch {
		case character < ' ' || character > '~':
			return fmt.Errorf("the dictionary has %q, which is not printable ASCII", character)
		case strings.ContainsRune(t.dictionary[:i], character):
			return fmt.Errorf("the dictionary has %q twice", character)
		case allowed != "" && !strings.ContainsRune(allowed, character):
			return fmt.Errorf("the dictionary has %q, which the verifier's dictionary lacks", character)
		}
	}
	return nil
}

// generate returns a random id.
func (t text) generate(*app.Call) string {
	id := make([]byte, t.length)
	for i := range id {
		id[i] = t.dictionary[rand.IntN(len(t.dictionary))] //nolint:gosec // an id is no secret
	}
	return string(id)
}
