package wire

import "time"

// Limits are what the wires of one server have in common. They are made once,
// by [NewLimits], and not changed while wires use them.
type Limits struct {
	// Write is how long bytes may be on their way to a client: one flush, or
	// one piece of at most 256 KiB. 0 or less sets no deadline.
	Write time.Duration
	// Read is how long a client may be silent while its body is awaited. 0 or
	// less waits for ever.
	Read time.Duration
	// ReadRate is how many bytes a second make up for waiting: a client that
	// sends less uses up Read in all. 0 or less lets any byte make up for it.
	ReadRate int64
	// BodyFailed makes the error of a body from that of the connection, which
	// wraps os.ErrDeadlineExceeded if the body did not arrive in time. It is
	// not asked about io.EOF. Nil leaves errors as they are.
	BodyFailed func(error) error

	began time.Time // what stamps count from
}

// NewLimits returns limits without any deadline, to be filled in.
func NewLimits() *Limits { return &Limits{began: time.Now()} }

// A stamp is a moment since [Limits] were made, one word where a time.Time
// takes three. The zero stamp is no moment.
type stamp time.Duration

func (l *Limits) stamp(now time.Time) stamp { return stamp(now.Sub(l.began)) + 1 }

func (s stamp) isSet() bool { return s != 0 }

// within reports whether s is set and less than d before now.
func (s stamp) within(d time.Duration, now stamp) bool {
	return s.isSet() && time.Duration(now-s) < d
}
