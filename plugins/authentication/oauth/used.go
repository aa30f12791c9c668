package oauth

import (
	"sync"
	"time"
)

// maxUsed is how many states are remembered as used. Whoever ends more logins
// than that within the lifetime of one may see an old state pass a second time,
// with a cookie that the browser was told to forget, and a code that the provider
// has seen.
const maxUsed = 10_000

// used remembers the states that have been answered, until they are too old to
// count anyway.
type used struct {
	mu    sync.Mutex
	seen  map[string]struct{}
	order []usedState // oldest first
}

type usedState struct {
	state   string
	expires time.Time
}

// add remembers a state, and returns false if it is there already.
func (u *used) add(state string, expires time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	for len(u.order) > 0 && (len(u.order) >= maxUsed || u.order[0].expires.Before(now)) {
		delete(u.seen, u.order[0].state)
		u.order = u.order[1:]
	}
	if _, found := u.seen[state]; found {
		return false
	}
	if u.seen == nil {
		u.seen = map[string]struct{}{}
	}
	u.seen[state] = struct{}{}
	u.order = append(u.order, usedState{state, expires})
	return true
}
