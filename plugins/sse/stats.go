package sse

// Stats are the counters of [Sessions.Stats]. All but Open and Parked only grow.
type Stats struct {
	// Open is how many sessions are open.
	Open int
	// Parked is how many of them are parked: see [Parking].
	Parked int
	// Held is how many have joined a hub and were not parked, and why.
	Held HeldStats
	// Opened is how many sessions there have been, with those that are open.
	Opened uint64
	// Full and FullForKey are how many streams were refused by MaxSessions and
	// MaxSessionsPerKey.
	Full, FullForKey uint64
	// Refused is how many streams never began because their function had failed
	// before the head left: the client got the status of the error.
	Refused uint64
	// Events and Bytes are what all sessions have sent, heartbeats included.
	Events, Bytes int64
	// Served is how many sessions have ended because their function has
	// returned.
	Served uint64
	// Closed, Stopped, ClientsGone, WriteTimeouts, Lagged, TooOld and Expired are
	// how many have ended with the cause ErrClosed before that, ErrStopping,
	// ErrClientGone, ErrWriteTimeout, ErrLagged, ErrTooOld and ErrExpired.
	Closed, Stopped, ClientsGone, WriteTimeouts, Lagged, TooOld, Expired uint64
	// Ended is how many have been ended by [Session.End].
	Ended uint64
	// Failed is how many have ended by an error or a panic of the application's
	// code, or for another cause.
	Failed uint64
}

// add adds what a session has sent.
func (s *Stats) add(session *Session) {
	events, bytes := session.Sent()
	s.Events += events
	s.Bytes += bytes
}
