package sse

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/park"
)

// Parking says which streams are parked: those that have joined a [Hub], and whose
// function has returned. A parked stream has neither a goroutine nor the buffers of
// net/http, and takes about a sixth of the memory. Nothing else about it is
// different. Any other is held, on the goroutine that has served its call.
//
// A stream can be parked whose connection the application may take over from the
// server. That is one of [routing.Route.SSE] over HTTP/1, in a server of net/http
// whose handler is the application, such as that of package engine. What keeps a
// stream from being parked is said in the log, once for each route, at debug level,
// and counted in [Stats].
//
// [routing.Route.SSE]: https://pkg.go.dev/github.com/chitor-go/chitor/routing#Route.SSE
type Parking int

const (
	// ParkSafely parks a stream unless code around its function may have something
	// to do at the end of the stream: each interceptor and each middleware, except
	// those that are known to act no later than the head of the response leaves.
	// All plugins of this module are, and middlewares of which [app.ReturnsEarly]
	// says so. A plugin that waits for the end of a call, such as Timeouts with a
	// ResponseTimeout, leaves those streams to be parked whose clients accept
	// text/event-stream, as an EventSource does.
	ParkSafely Parking = iota
	// ParkAlways does not look at interceptors and middlewares: they act when the
	// function has returned. It is for who knows that all of them may. A
	// middleware that wraps the response still keeps a stream from being parked.
	// What runs behind the function must not send on its session, which nobody can
	// until the connection was taken over: it would wait for itself.
	ParkAlways
	// ParkNever holds all streams.
	ParkNever
)

// enders is how many goroutines of an application end parked streams at once.
const enders = 64

// deliverers is how many deliver to them at once, at most.
const deliverers = 4

// parking is what the parked streams of an application have in common.
type parking struct {
	mode    Parking
	timeout time.Duration // for the bytes of an event; set before the first stream
	poller  park.Poller

	delivering, ending crew

	parked atomic.Int64 // how many there are
	held   [heldReasons]atomic.Uint64
	said   sync.Map // of whyHeld: what the log has said
}

func (k *parking) init(mode Parking) {
	k.mode = mode
	k.delivering.init(min(runtime.GOMAXPROCS(0), deliverers), (*parked).deliver)
	k.ending.init(enders, (*parked).end)
}

// obstacle returns what keeps a stream from being parked, nil if nothing does.
func (k *parking) obstacle(c *app.Call) *obstacle {
	if k.mode == ParkNever {
		return &obstacle{reason: heldByConfig}
	}
	found, who := c.Obstacle(k.mode == ParkAlways)
	if found == app.ObstacleNone {
		return nil
	}
	return &obstacle{heldReason(found), who}
}

// stop is the last thing that happens to the streams of an application that has
// stopped: no connection is left open, and no goroutine that ctx lasts for.
func (k *parking) stop(ctx context.Context) error {
	k.poller.Close()
	for _, crew := range []*crew{&k.delivering, &k.ending} {
		select {
		case <-crew.gone():
		case <-ctx.Done():
			if k.parked.Load() > 0 { // else nobody has to be waited for
				return fmt.Errorf("end parked event streams: %w", context.Cause(ctx))
			}
		}
	}
	return nil
}
