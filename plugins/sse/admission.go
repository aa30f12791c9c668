package sse

import (
	"net/http"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/app"
)

// key returns what MaxSessionsPerKey counts a call by, or "" if it does not.
func (r *Sessions) key(call *app.Call) string {
	if r.config.MaxSessionsPerKey <= 0 {
		return ""
	}
	return r.keyOf(call)
}

// room returns the error that refuses a stream if there is no room for it.
func (r *Sessions) room(call *app.Call, key string) error {
	r.mu.Lock()
	full := r.full(key)
	r.mu.Unlock()
	return r.refusal(call, full)
}

// admit counts a stream that is about to be opened, or returns the error that
// refuses it. A stream that was admitted is taken back by leave.
func (r *Sessions) admit(call *app.Call, key string) error {
	r.mu.Lock()
	full := r.full(key)
	if full == (fullness{}) {
		r.admitted++
		if key != "" {
			if r.perKey == nil {
				r.perKey = map[string]int{}
			}
			r.perKey[key]++
		}
	}
	r.mu.Unlock()
	return r.refusal(call, full)
}

// fullness is why a stream is refused; zero if it is not.
type fullness struct {
	status int
	news   bool // it is worth saying: once a minute
}

// full returns whether a stream has to be refused, and counts that.
func (r *Sessions) full(key string) fullness {
	switch {
	case r.config.MaxSessions > 0 && r.admitted >= r.config.MaxSessions:
		r.stats.Full++
		news := time.Since(r.saidFull) >= time.Minute
		if news {
			r.saidFull = time.Now()
		}
		return fullness{http.StatusServiceUnavailable, news}
	case key != "" && r.perKey[key] >= r.config.MaxSessionsPerKey:
		r.stats.FullForKey++
		return fullness{http.StatusTooManyRequests, false}
	default:
		return fullness{}
	}
}

// refusal returns the error for a stream that is refused.
func (r *Sessions) refusal(call *app.Call, full fullness) error {
	if full.news {
		call.Application().Logger().Warn("event streams are refused: as many are open as MaxSessions allows",
			"MaxSessions", r.config.MaxSessions)
	}
	switch full.status {
	case 0:
		return nil
	case http.StatusServiceUnavailable:
		return r.refuse(call, full.status, "too many event streams are open")
	default:
		return r.refuse(call, full.status, "too many of your event streams are open")
	}
}

// leave takes back what admit has counted.
func (r *Sessions) leave(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.admitted--
	if key == "" {
		return
	}
	if r.perKey[key]--; r.perKey[key] == 0 {
		delete(r.perKey, key)
	}
}

// refuse returns the error for a stream that is not opened.
func (r *Sessions) refuse(call *app.Call, status int, message string) error {
	if wait := r.config.RetryAfter; wait > 0 {
		seconds := (wait + time.Second - 1) / time.Second
		call.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	return app.NewError(status, message)
}

// keyOf returns what MaxSessionsPerKey counts a call by.
func (r *Sessions) keyOf(call *app.Call) string {
	if r.config.Key != nil {
		return r.config.Key(call)
	}
	return call.Origin().RemoteNetwork()
}
