package ratelimit

import (
	"math"
	"time"
)

// A Policy is what a limit allows to one key: Limit tokens at once, which come
// back evenly within Refill. Both are positive.
type Policy struct {
	// Name is that of the limit, or "default".
	Name string
	// Limit is how many tokens a bucket holds.
	Limit int
	// Refill is how long an empty bucket takes to be full again.
	Refill time.Duration
}

// A Balance is what a [Store] says of a bucket.
type Balance struct {
	// Taken says whether the tokens were taken. If not, none was.
	Taken bool
	// Tokens is how many are in the bucket now, with the part of the next one
	// that has come back.
	Tokens float64
}

// A Decision is what a limit has decided about a call.
//
// Ktor: RateLimiter.State.
type Decision struct {
	// Policy is what was asked for, with the limit of the call's key.
	Policy Policy
	// Allowed says whether the call was let in.
	Allowed bool
	// Remaining is how many whole tokens are left.
	Remaining int
	// RetryAfter is when a refused call would be let in, if nobody else takes
	// tokens of its key. It is 0 for one that was let in.
	RetryAfter time.Duration
	// Next is when another whole token comes back, 0 if the bucket is full.
	Next time.Duration
	// Reset is when the bucket is full again.
	Reset time.Duration
}

// tolerance is the part of a token that counts as none: what rounding leaves.
const tolerance = 1e-9

// decide returns what follows from the balance of a bucket for a call.
func (p Policy) decide(b Balance, weight int) Decision {
	tokens := min(max(b.Tokens, 0), float64(p.Limit))
	whole := math.Floor(tokens + tolerance)
	d := Decision{
		Policy: p, Allowed: b.Taken, Remaining: int(whole),
		Reset: p.time(float64(p.Limit) - tokens),
	}
	if d.Remaining < p.Limit {
		d.Next = p.time(whole + 1 - tokens)
	}
	switch {
	case d.Allowed:
	case weight > p.Limit: // waiting does not help: say when there will be most
		d.RetryAfter = max(d.Reset, p.time(1))
	default:
		d.RetryAfter = p.time(float64(weight) - tokens)
	}
	return d
}

// time returns how long some tokens take to come back.
func (p Policy) time(tokens float64) time.Duration {
	return time.Duration(math.Ceil(max(tokens, 0) / float64(p.Limit) * float64(p.Refill)))
}

// tokensPerSecond is how fast tokens come back.
func (p Policy) tokensPerSecond() float64 { return float64(p.Limit) / p.Refill.Seconds() }

// seconds rounds up, but for what is less than a microsecond.
func seconds(d time.Duration) int64 {
	return int64((d.Round(time.Microsecond) + time.Second - 1) / time.Second)
}
