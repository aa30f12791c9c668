package eventsource

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

const (
	// leastWait keeps a server that sends retry: 0 from a flood of requests.
	leastWait = 100 * time.Millisecond
	// longestWish keeps a wrong number from the server from ending the stream.
	longestWish = time.Hour
)

// pause waits before another connection is made, and returns true. If there is
// to be none it returns false and the error of the stream: err is how the last
// connection has ended.
func (s *Stream) pause(ctx context.Context, err error) (again bool, _ error) {
	if cause := context.Cause(ctx); cause != nil {
		return false, fmt.Errorf("read event stream: %w", cause)
	}
	if limit := s.config.MaxReconnectionAttempts; limit >= 0 && s.attempts >= limit {
		return false, err
	}
	wait := s.wait(err)
	s.attempts++
	if s.config.OnReconnect != nil {
		s.config.OnReconnect(err, wait)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true, nil
	case <-ctx.Done():
		return false, fmt.Errorf("read event stream: %w", context.Cause(ctx))
	}
}

// wait returns how long to wait before the next attempt.
func (s *Stream) wait(err error) time.Duration {
	wait := max(s.config.ReconnectionTime, leastWait)
	spread := wait
	for range s.attempts {
		if spread > s.config.MaxBackoff/2 { // twice as much may not fit into a Duration
			spread = s.config.MaxBackoff
			break
		}
		spread *= 2
	}
	if response, ok := errors.AsType[*ResponseError](err); ok {
		if wish, ok := response.RetryAfter(); ok {
			wait = max(wait, min(wish, longestWish))
		}
	}
	spread = min(spread, s.config.MaxBackoff, math.MaxInt64-wait)
	if spread > 0 {
		wait += rand.N(spread) //nolint:gosec // it keeps clients apart, it is no secret
	}
	return wait
}
