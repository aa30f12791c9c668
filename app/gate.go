package app

import (
	"math"
	"sync"
	"sync/atomic"
)

// gate counts the calls inside an application. Once it is closed none enters,
// and idle is closed when none is left.
type gate struct {
	count atomic.Int64 // calls inside, plus closedGate once closed
	idle  chan struct{}

	// empty closes idle. Count may come to that twice, since a call that is
	// turned away counts for a moment.
	empty sync.Once
}

const closedGate = math.MinInt64 / 2

func (g *gate) enter() bool {
	if g.count.Add(1) > 0 {
		return true
	}
	g.leave()
	return false
}

// join lets in what a call inside has begun, also while the gate is closed.
func (g *gate) join() { g.count.Add(1) }

func (g *gate) leave() {
	if g.count.Add(-1) == closedGate {
		g.empty.Do(func() { close(g.idle) })
	}
}

func (g *gate) close() {
	if g.count.Add(closedGate) == closedGate {
		g.empty.Do(func() { close(g.idle) })
	}
}

// gone returns a channel that is closed when the gate is and no call is inside.
func (g *gate) gone() <-chan struct{} { return g.idle }

func (g *gate) inside() int64 { return g.count.Load() - closedGate }
