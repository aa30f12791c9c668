package admission

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/chitor-go/chitor/app"
)

// Limits say how many sessions a [Room] has place for.
type Limits struct {
	// Max is how many may be open at once; 0 sets no limit.
	Max int
	// MaxPerKey is how many of one key may be open at once; 0 sets no limit, and
	// then there are no keys.
	MaxPerKey int
	// KeyOf returns the key of a call; an empty key is not limited. Nil is the
	// network that the client calls from.
	KeyOf func(c *app.Call) string
	// RetryAfter is what clients that are refused are told to wait, in whole
	// seconds, rounded up; 0 tells them nothing.
	RetryAfter time.Duration
	// Of is what the sessions are called: "event streams".
	Of string
}

// A Room is what sessions are admitted to. Its methods may be called from any
// goroutine.
type Room struct {
	limits Limits

	mu       sync.Mutex // guards what follows
	admitted int
	perKey   map[string]int // the same by key, where that is limited
	saidFull time.Time      // when it was logged that admitted is at its limit
	refused  Refused
}

// Refused is how many sessions were refused, by each of the limits.
type Refused struct{ Full, FullForKey uint64 }

// NewRoom returns an empty room.
func NewRoom(limits Limits) *Room { return &Room{limits: limits} }

// Key returns what MaxPerKey counts a call by, or "" if it does not.
func (r *Room) Key(c *app.Call) string {
	switch {
	case r.limits.MaxPerKey <= 0:
		return ""
	case r.limits.KeyOf != nil:
		return r.limits.KeyOf(c)
	default:
		return c.Origin().RemoteNetwork()
	}
}

// Check returns the error that Admit would return, and counts it. It admits
// nothing.
func (r *Room) Check(c *app.Call, key string) error {
	r.mu.Lock()
	full := r.full(key)
	r.mu.Unlock()
	return r.refusal(c, full)
}

// Admit counts a session that is about to be opened, or returns the error that
// refuses it. One that was admitted is taken back by Leave.
func (r *Room) Admit(c *app.Call, key string) error {
	r.mu.Lock()
	full := r.full(key)
	if full == (fullness{}) {
		r.count(key)
	}
	r.mu.Unlock()
	return r.refusal(c, full)
}

// TryAdmit is Admit for a session that is not refused if there is no place: it
// reports whether there was one.
func (r *Room) TryAdmit(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reached(key) != 0 {
		return false
	}
	r.count(key)
	return true
}

// count counts a session. The caller holds mu.
func (r *Room) count(key string) {
	r.admitted++
	if key == "" {
		return
	}
	if r.perKey == nil {
		r.perKey = map[string]int{}
	}
	r.perKey[key]++
}

// reached returns the status for a limit that is reached, 0 if none is. The caller
// holds mu.
func (r *Room) reached(key string) int {
	switch {
	case r.limits.Max > 0 && r.admitted >= r.limits.Max:
		return http.StatusServiceUnavailable
	case key != "" && r.perKey[key] >= r.limits.MaxPerKey:
		return http.StatusTooManyRequests
	default:
		return 0
	}
}

// Leave takes back what Admit has counted.
func (r *Room) Leave(key string) {
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

// Refused returns how many were refused until now.
func (r *Room) Refused() Refused {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refused
}

// fullness is why a session is refused; zero if it is not.
type fullness struct {
	status int
	news   bool // it is worth saying: once a minute
}

// full returns whether a session has to be refused, and counts that. The caller
// holds mu.
func (r *Room) full(key string) fullness {
	switch status := r.reached(key); status {
	case http.StatusServiceUnavailable:
		r.refused.Full++
		news := time.Since(r.saidFull) >= time.Minute
		if news {
			r.saidFull = time.Now()
		}
		return fullness{status, news}
	case http.StatusTooManyRequests:
		r.refused.FullForKey++
		return fullness{status, false}
	default:
		return fullness{}
	}
}

// refusal returns the error for a session that is refused.
func (r *Room) refusal(c *app.Call, full fullness) error {
	if full.news {
		c.Application().Logger().Warn(fmt.Sprintf("%s are refused: as many are open as MaxSessions allows", r.limits.Of),
			"MaxSessions", r.limits.Max)
	}
	whose := ""
	switch full.status {
	case 0:
		return nil
	case http.StatusTooManyRequests:
		whose = "of your "
	}
	if wait := r.limits.RetryAfter; wait > 0 {
		seconds := (wait + time.Second - 1) / time.Second
		c.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	return app.NewError(full.status, fmt.Sprintf("too many %s%s are open", whose, r.limits.Of))
}
