package oidc

import (
	"context"
	"sync/atomic"
	"time"
)

// pause is how long a provider is left alone after it was asked for a document.
const pause = 5 * time.Second

// cached is a document that is read when it is first asked for. It is used by any
// number of goroutines.
type cached[T any] struct {
	read  func(ctx context.Context) (*T, error)
	turn  chan struct{} // full while somebody reads
	known atomic.Pointer[known[T]]
}

// known is what is known of a document. It never changes.
type known[T any] struct {
	value *T        // nil until it was read
	from  time.Time // when the value was read
	asked time.Time // when the provider was asked for it last
	err   error     // of that time
}

func newCached[T any](read func(context.Context) (*T, error)) *cached[T] {
	c := &cached[T]{read: read, turn: make(chan struct{}, 1)}
	c.known.Store(&known[T]{})
	return c
}

// get returns the document if it satisfies whoever asks. If not, it is read again,
// unless it was a moment ago. Of several that need it anew one reads, and the
// others wait for it. Where it could not be read, the old document, nil if there
// is none, is returned with the error.
func (c *cached[T]) get(ctx context.Context, satisfies func(value *T, age time.Duration) bool) (*T, error) {
	before := c.known.Load()
	if before.value != nil && satisfies(before.value, time.Since(before.from)) {
		return before.value, nil
	}
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	k := c.known.Load()
	if k != before && k.value != nil && satisfies(k.value, time.Since(k.from)) {
		return k.value, nil
	}
	if !k.asked.IsZero() && time.Since(k.asked) < pause {
		return k.value, k.err
	}
	value, err := c.read(ctx)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err() // who asks has gone, and nobody else knows of it
	}
	now := time.Now()
	after := &known[T]{value: value, from: now, asked: now}
	if err != nil {
		after = &known[T]{value: k.value, from: k.from, asked: now, err: err}
	}
	c.known.Store(after)
	return after.value, after.err
}
