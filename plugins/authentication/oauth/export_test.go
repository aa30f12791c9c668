package oauth

import (
	"context"
	"time"

	"golang.org/x/oauth2"
)

// Used remembers states.
type Used struct{ used }

// Add remembers a state.
func (u *Used) Add(state string, expires time.Time) bool { return u.add(state, expires) }

// Len returns how many are remembered.
func (u *Used) Len() int { return len(u.seen) }

// MaxUsed is maxUsed.
const MaxUsed = maxUsed

// Refreshes remembers results of refreshes.
type Refreshes struct{ refreshes }

// Do runs ask for a token.
func (r *Refreshes) Do(ctx context.Context, token string, ask func() (*oauth2.Token, error)) (*oauth2.Token, error) {
	return r.do(ctx, token, ask)
}

// Len returns how many are remembered.
func (r *Refreshes) Len() int { return max(len(r.known), len(r.over)) }

// MaxKept is maxKept.
const MaxKept = maxKept
