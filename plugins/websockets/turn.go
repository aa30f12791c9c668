package websockets

import "context"

// A turn is a mutex that one stops waiting for when a context ends. A context
// that has ended wins.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// lock takes the turn, and reports whether that came before ctx had ended.
func (t turn) lock(ctx context.Context) bool {
	select {
	case t <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	if ctx.Err() != nil {
		t.unlock()
		return false
	}
	return true
}

func (t turn) unlock() { <-t }
