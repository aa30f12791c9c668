package ratelimit

import (
	"fmt"
	"net/http"
)

// An ExceededError is what a call ends with that a limit has refused. It is
// answered with 429 (RFC 6585 section 4); the headers are set already. A page for
// it is made by statuspages.Exception, or by Config.Status of that package for
// 429.
//
// Ktor: RateLimiter.State.Exhausted.
type ExceededError struct {
	// Decision is what the limit has decided.
	Decision Decision
}

// Error names the limit, and when the call would be let in.
func (e *ExceededError) Error() string {
	p := e.Decision.Policy
	return fmt.Sprintf("rate limit %s exceeded: %d in %v, again in %d s", p.Name, p.Limit, p.Refill, e.retryAfter())
}

// StatusCode returns 429.
func (e *ExceededError) StatusCode() int { return http.StatusTooManyRequests }

// retryAfter is in seconds, and never 0.
func (e *ExceededError) retryAfter() int64 { return max(1, seconds(e.Decision.RetryAfter)) }
