package oauth

import "time"

// Used remembers states.
type Used struct{ used }

// Add remembers a state.
func (u *Used) Add(state string, expires time.Time) bool { return u.add(state, expires) }

// Len returns how many are remembered.
func (u *Used) Len() int { return len(u.seen) }

// MaxUsed is maxUsed.
const MaxUsed = maxUsed
