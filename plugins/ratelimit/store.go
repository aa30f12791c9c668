package ratelimit

import (
	"context"
	"fmt"
)

// A Store holds buckets that several nodes share. Its methods are called from
// many goroutines at once.
type Store interface {
	// Take takes weight tokens out of the bucket of policy.Name and key, if it
	// has as many, and else none. A bucket that is not there is full. Taking is
	// one step: whatever the nodes do at the same time, no token is taken twice.
	// Weight is at least 1, and the key at most 71 bytes of any kind. The limit of
	// a key may be another one than the last time.
	//
	// Take returns soon after ctx has ended, with an error. An error means that
	// it is not known whether tokens were taken.
	Take(ctx context.Context, policy Policy, key string, weight int) (Balance, error)
}

// StoreFailure says what becomes of calls while a [Store] fails.
type StoreFailure uint8

const (
	// LimitLocally has each node count by itself, in memory, until the store
	// answers again. Clients that are not over the limit see nothing of it, and
	// nobody gets more than the limit times the number of nodes. The buckets are
	// full when the store begins to fail. It is the default: neither does an
	// outage of the store become one of the application, nor is it worth an
	// attacker's while to bring one about.
	LimitLocally StoreFailure = iota
	// LetIn lets all calls in, uncounted: for limits that are about fairness, not
	// about safety.
	LetIn
	// Refuse answers all calls with 503 and Retry-After: for limits that must
	// hold, such as that of attempts to guess a password.
	Refuse
)

// UnmarshalText reads "local", "let in" or "refuse".
func (f *StoreFailure) UnmarshalText(text []byte) error {
	switch string(text) {
	case "local":
		*f = LimitLocally
	case "let in":
		*f = LetIn
	case "refuse":
		*f = Refuse
	default:
		return fmt.Errorf("%q is none of local, let in and refuse", text)
	}
	return nil
}
