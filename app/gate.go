package app

import (
	"math"
	"sync"
	"sync/atomic"
)

// gate counts the calls inside an application. Once it is closed nobody enters,
// and idle is closed when nobody is left.
type gate struct {
	count atomic.Int64 // calls inside, plus closedGate once closed
	idle  chan struct{}
	empty sync.Once // closes idle: who is turned away counts for a moment, too
}

const closedGate = math.MinInt64 / 2

func (g *gate) enter() bool {
	if g.count.Add(1) > 0 {
		return true
	}
	g.leave()
	return false
}

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

func (g *gate) inside() int64 { return g.count.Load() - closedGate }
