package sse

import (
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/app"
)

// admit counts a stream that is about to be opened, under the key that is
// returned, or returns the error that refuses it. A stream that was admitted is
// taken back by leave.
func (r *Sessions) admit(call *app.Call) (key string, err error) {
	if r.config.MaxSessionsPerKey > 0 {
		key = r.keyOf(call)
	}
	switch status, news := r.enter(key); {
	case status == http.StatusServiceUnavailable:
		if news {
			call.Application().Logger().Warn("event streams are refused: as many are open as MaxSessions allows",
				"MaxSessions", r.config.MaxSessions)
		}
		return "", r.refuse(call, status, "too many event streams are open")
	case status != 0:
		return "", r.refuse(call, status, "too many of your event streams are open")
	}
	return key, nil
}

// enter counts a stream, or returns the status that refuses it, and whether
// that is worth saying: once a minute.
func (r *Sessions) enter(key string) (status int, news bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.config.MaxSessions > 0 && r.admitted >= r.config.MaxSessions:
		r.stats.Full++
		if news = time.Since(r.saidFull) >= time.Minute; news {
			r.saidFull = time.Now()
		}
		return http.StatusServiceUnavailable, news
	case key != "" && r.perKey[key] >= r.config.MaxSessionsPerKey:
		r.stats.FullForKey++
		return http.StatusTooManyRequests, false
	}
	r.admitted++
	if key != "" {
		if r.perKey == nil {
			r.perKey = map[string]int{}
		}
		r.perKey[key]++
	}
	return 0, false
}

// leave takes back what enter has counted.
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
	address, err := netip.ParseAddrPort(call.Request.RemoteAddr)
	if err != nil {
		return call.Request.RemoteAddr
	}
	host := address.Addr().Unmap()
	if host.Is4() {
		return host.String()
	}
	network, err := host.WithZone("").Prefix(64) // what one client has is a network
	if err != nil {
		return host.String()
	}
	return network.String()
}
