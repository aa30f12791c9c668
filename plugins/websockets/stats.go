package websockets

// Stats are the counters of [Sessions.Stats]. All but Open only grow.
type Stats struct {
	// Open is how many sessions are open.
	Open int
	// Opened is how many sessions there have been, with those that are open.
	Opened uint64
	// Full and FullForKey are how many WebSockets were refused by MaxSessions and
	// MaxSessionsPerKey.
	Full, FullForKey uint64
	// Refused is how many were refused for another reason: the handshake was not
	// one, or came from a foreign origin.
	Refused uint64
	// Sent and SentBytes are what all sessions have sent, Received and
	// ReceivedBytes what has come: messages, and the bytes of their data before
	// compression. Control frames do not count.
	Sent, SentBytes, Received, ReceivedBytes int64
	// Served is how many sessions have ended because their function has
	// returned.
	Served uint64
	// Closed, Stopped, ClientsClosed, ClientsGone, WriteTimeouts, PingTimeouts,
	// Lagged, TooOld and Expired are how many have ended with the cause ErrClosed
	// before that or with a [CloseReason], and with ErrStopping, ErrClientClosed,
	// ErrClientGone, ErrWriteTimeout, ErrPingTimeout, ErrLagged, ErrTooOld and
	// ErrExpired.
	Closed, Stopped, ClientsClosed, ClientsGone, WriteTimeouts, PingTimeouts, Lagged, TooOld, Expired uint64
	// Violations is how many have ended because of what the client has sent:
	// ErrProtocol, ErrTooBig and ErrInvalidData.
	Violations uint64
	// Ended is how many have been ended by [Session.End], or by an error of the
	// application's code with a status below 500.
	Ended uint64
	// Failed is how many have ended by any other error, or a panic, of the
	// application's code.
	Failed uint64
}

// add adds what a session has sent and received.
func (s *Stats) add(session *Session) {
	messages, bytes := session.Sent()
	s.Sent += messages
	s.SentBytes += bytes
	messages, bytes = session.Received()
	s.Received += messages
	s.ReceivedBytes += bytes
}
