package mcphttp

import (
	"context"
	"crypto/rand"
	"sync"
)

// An idGate gives the SDK the ID of the session that it is about to make. The SDK
// asks for one without saying for which request, so that one request at a time
// may be where it asks.
type idGate struct {
	turn chan struct{}

	mu   sync.Mutex // guards what follows
	next string     // the ID for whose turn it is, until the SDK has asked
}

func newIDGate() *idGate { return &idGate{turn: make(chan struct{}, 1)} }

// enter waits for the turn of a request whose session is to have an ID. The
// function that it returns ends the turn, if it has not ended with the SDK's
// question.
func (g *idGate) enter(ctx context.Context, id string) (leave func(), err error) {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	g.mu.Lock()
	g.next = id
	g.mu.Unlock()
	return func() { g.take(id) }, nil
}

// take ends the turn of an ID, or of any if it is empty.
func (g *idGate) take(id string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	next := g.next
	if next == "" || id != "" && id != next {
		return ""
	}
	g.next = ""
	<-g.turn
	return next
}

// id returns the ID of the session that the SDK makes.
func (g *idGate) id() string {
	if id := g.take(""); id != "" {
		return id
	}
	return rand.Text()
}
