package oidc

import (
	"context"
	"time"
)

// pause is how long a provider is left alone after it was asked for a document.
const pause = 5 * time.Second

// cached is a document that is read when it is first asked for. It is used by any
// number of goroutines.
type cached[T any] struct {
	read func(ctx context.Context) (*T, error)
	turn chan struct{} // who has it may change what follows

	value *T // nil until it was read
	asked time.Time
	err   error // of the last time
}

func newCached[T any](read func(context.Context) (*T, error)) *cached[T] {
	c := &cached[T]{read: read, turn: make(chan struct{}, 1)}
	c.turn <- struct{}{}
	return c
}

// get returns the document if it satisfies whoever asks. If not, it is read again,
// unless it was a moment ago: then that one is returned, or the error. Of several
// that ask at once one reads, and the others wait for it.
func (c *cached[T]) get(ctx context.Context, satisfies func(value *T, age time.Duration) bool) (*T, error) {
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	age := time.Since(c.asked)
	if c.value != nil && satisfies(c.value, age) {
		return c.value, nil
	}
	if !c.asked.IsZero() && age < pause {
		return c.value, c.err
	}
	value, err := c.read(ctx)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err() // who asks has gone, and nobody else knows of it
	}
	c.asked, c.err = time.Now(), err
	if err == nil {
		c.value = value
	}
	if c.value != nil {
		c.err = nil // an old one is better than none
	}
	return c.value, c.err
}
