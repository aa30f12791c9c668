package main

import (
	"errors"
	"sync"

	"github.com/chitor-go/chitor/plugins/sse"
)

// clock counts ticks: what a test asks for by a POST, so that it happens
// neither too early nor too late.
type clock struct {
	mu   sync.Mutex
	n    int
	next chan struct{} // closed by the next tick
}

func newClock() *clock { return &clock{next: make(chan struct{})} }

func (c *clock) tick() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	close(c.next)
	c.next = make(chan struct{})
	return c.n
}

// now returns the number of ticks so far, and what the next one closes.
func (c *clock) now() (int, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n, c.next
}

// cutOff cuts a stream off at the next tick, which the event "cut" asks the
// client for. Without asking, chance would decide which events the client gets:
// readers drop what they have not looked at when a body fails.
func (c *clock) cutOff(s *sse.Session) error {
	_, next := c.now()
	if err := s.Send(sse.Event{Event: "cut"}); err != nil {
		return err
	}
	select {
	case <-next:
		return errors.New("cut off on request")
	case <-s.Context().Done():
		return nil
	}
}
