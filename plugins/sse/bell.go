package sse

import "sync/atomic"

// A bell wakes whoever delivers to a subscriber: there is something to deliver, or
// the subscriber has left, or has ended. Who rings does not wait. The zero bell is
// heard by nobody.
type bell struct{ heard atomic.Pointer[listener] }

// A listener is who hears a bell: a goroutine that waits for the channel, or those
// that deliver to parked streams.
type listener struct {
	rung   chan struct{}
	parked *parked
}

// hang has the bell heard by a goroutine that waits for [bell.rung].
func (b *bell) hang() { b.heard.Store(&listener{rung: make(chan struct{}, 1)}) }

// rung returns the channel that holds a word when the bell was rung.
func (b *bell) rung() <-chan struct{} { return b.heard.Load().rung }

// parked returns the stream if it is parked, else nil.
func (b *bell) parked() *parked { return b.heard.Load().parked }

func (b *bell) ring() {
	switch heard := b.heard.Load(); {
	case heard == nil:
	case heard.parked != nil:
		heard.parked.ring()
	default:
		wake(heard.rung)
	}
}
