package sse

import "github.com/chitor-go/chitor/app"

// An obstacle is why a stream is held.
type obstacle struct {
	reason heldReason
	who    string // if there is a line to name
}

// A heldReason is why a stream is held: an obstacle of its call, or the
// configuration.
type heldReason uint8

const (
	heldByConfig = heldReason(app.ObstacleWork) + 1 // the last of those
	heldReasons  = heldByConfig + 1
)

// String says why.
func (r heldReason) String() string {
	if r == heldByConfig {
		return "Parking of the configuration is ParkNever"
	}
	return app.Obstacle(r).String()
}

// HeldStats are how many streams have joined a hub and were held, by the reason for
// which they were not parked: see [Parking].
type HeldStats struct {
	// Configured streams were held because Parking of [Config] is ParkNever.
	Configured uint64
	// Protocol: over HTTP/2 or HTTP/3, whose connections carry many calls.
	Protocol uint64
	// Handler: begun by [Respond] in a handler, or by a hook, which may go on.
	Handler uint64
	// Server: somebody stands between the server and the application, or the server
	// is none of net/http.
	Server uint64
	// Writer: a middleware has put a writer of its own around that of the call, or
	// a hook something around the body, such as an encoder.
	Writer uint64
	// Around: an interceptor or a middleware may act at the end of the stream.
	Around uint64
	// Context: the call has a deadline, or somebody waits for the end of the
	// server's context.
	Context uint64
	// Body: the request has a body.
	Body uint64
	// Work: work of [app.Call.Go] ran beside the stream.
	Work uint64
}

// A whyHeld is what the log says once.
type whyHeld struct {
	endpoint *app.Endpoint
	reason   heldReason
}

// countHeld counts a stream that cannot be parked, and says why.
func (k *parking) countHeld(c *app.Call, why *obstacle) {
	k.held[why.reason].Add(1)
	if why.reason == heldByConfig {
		return
	}
	if _, said := k.said.LoadOrStore(whyHeld{c.Endpoint(), why.reason}, true); said {
		return
	}
	attributes := []any{"route", c.Route(), "reason", why.reason.String()}
	if why.who != "" {
		attributes = append(attributes, "by", why.who)
	}
	c.Application().Logger().Debug("streams are held and not parked", attributes...)
}

// heldStats returns the counters as they are now.
func (k *parking) heldStats() HeldStats {
	count := func(reason heldReason) uint64 { return k.held[reason].Load() }
	of := func(reason app.Obstacle) uint64 { return count(heldReason(reason)) }
	return HeldStats{
		Configured: count(heldByConfig), Protocol: of(app.ObstacleProtocol), Handler: of(app.ObstacleHandler),
		Server: of(app.ObstacleServer), Writer: of(app.ObstacleWriter), Around: of(app.ObstacleAround),
		Context: of(app.ObstacleContext), Body: of(app.ObstacleBody), Work: of(app.ObstacleWork),
	}
}
