package digest

import "time"

// Expected returns the response and the rspauth that follow from a credential.
func Expected(c Credential, ha1 []byte, method, body string) (response []byte, rspauth string) {
	known := c.prove(ha1, method, body)
	return known.expected, known.rspauth
}

// Parse reads the value of a header Authorization.
func Parse(header string) (Credential, bool, error) { return parse(header) }

// A Store makes nonces, and counts their uses.
type Store struct{ *nonces }

// NewStore returns a store.
func NewStore(lifetime time.Duration, capacity int) Store {
	return Store{newNonces(lifetime, capacity)}
}

// Next returns a new nonce.
func (s Store) Next() string { return s.next() }

// Use takes a count of a nonce.
func (s Store) Use(nonce string, count uint32) (usable, aging bool) { return s.use(nonce, count) }

// Len returns how many nonces are remembered.
func (s Store) Len() int { return len(s.used) }

// Forget drops what is too old at a time.
func (s Store) Forget(now time.Time) { s.forget(now) }
