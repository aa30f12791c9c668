package oauth

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

const (
	keptFor = 30 * time.Second // how long the result of a refresh is known
	maxKept = 1000             // results at a time
)

// refreshes are the refresh tokens that are on their way to the provider, or were
// a moment ago. A call may have read its session before another one has saved the
// new token there, and a provider that sees an old one again may end them all (RFC
// 9700 section 4.14.2).
type refreshes struct {
	mu    sync.Mutex
	known map[string]*refresh
	over  []overRefresh // oldest first
}

type refresh struct {
	done  chan struct{} // closed when what follows is set
	token *oauth2.Token
	err   error
}

type overRefresh struct {
	token string // that was refreshed
	*refresh

	until time.Time
}

// helps reports whether there is a good token, or will perhaps be one.
func (r *refresh) helps() bool {
	select {
	case <-r.done:
		return r.token.Valid()
	default:
		return true
	}
}

// do runs ask, unless that of the same token is running or was a moment ago: then
// it returns its result, and waits for it as long as the context lasts.
func (r *refreshes) do(ctx context.Context, token string, ask func() (*oauth2.Token, error)) (*oauth2.Token, error) {
	r.mu.Lock()
	r.forget(0)
	if other, found := r.known[token]; found && other.helps() {
		r.mu.Unlock()
		select {
		case <-other.done:
			return other.token, other.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	own := &refresh{done: make(chan struct{}), err: errors.New("the refresh has ended early")}
	if r.known == nil {
		r.known = map[string]*refresh{}
	}
	r.known[token] = own
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		close(own.done)
		if own.err != nil {
			delete(r.known, token)
			return
		}
		r.forget(1)
		r.over = append(r.over, overRefresh{token, own, time.Now().Add(keptFor)})
	}()
	own.token, own.err = ask()
	return own.token, own.err
}

// forget drops the results that are too old, and leaves room for some more.
func (r *refreshes) forget(room int) {
	now := time.Now()
	for len(r.over) > 0 && (len(r.over)+room > maxKept || !now.Before(r.over[0].until)) {
		if old := r.over[0]; r.known[old.token] == old.refresh {
			delete(r.known, old.token)
		}
		r.over[0] = overRefresh{}
		r.over = r.over[1:]
	}
}
