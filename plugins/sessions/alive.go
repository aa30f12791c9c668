package sessions

import (
	"time"

	"github.com/chitor-go/chitor/app"
)

// Expires returns when the session of a call ends unless it is renewed, and
// whether it has one. It is for streams that are to end with their session. Of a
// session that was set in the call, it is when it would end if it was sent now.
func (h *Handle[T]) Expires(c *app.Call) (expires time.Time, ok bool, err error) {
	st, s, err := h.begin(c)
	if err != nil {
		return time.Time{}, false, err
	}
	defer st.mu.Unlock()
	if _, ok = h.valueOf(c, s); !ok {
		return time.Time{}, false, nil
	}
	if s.does == write || s.does == touch {
		return s.provider.lifetimes.expiry(time.Now().Unix(), s.created), true, nil
	}
	return s.expires, true, nil
}

// Alive reports whether the session of a call is still there: a stream that runs
// for long asks now and then, and ends if somebody has logged out elsewhere. By ID
// it asks the storage each time; by value nobody can know, and a session is there
// until it expires. A session that the response has not been sent with yet is
// there.
func (h *Handle[T]) Alive(c *app.Call) (bool, error) {
	st, s, err := h.begin(c)
	if err != nil {
		return false, err
	}
	alive, ask := h.isAlive(c, st, s)
	if ask == nil {
		return alive, nil
	}
	return s.provider.fetch(c.Context(), ask) // nobody waits for it
}

// isAlive reports whether the session is there, or which one the storage has to be
// asked for. It unlocks the state.
func (h *Handle[T]) isAlive(c *app.Call, st *state, s *typed[T]) (alive bool, ask *stored) {
	defer st.mu.Unlock()
	_, ok := h.valueOf(c, s)
	switch {
	case !ok:
		return false, nil
	case s.provider.storage == nil:
		return time.Now().Before(s.expires) || s.does == write, nil
	case s.is == fresh:
		return true, nil
	}
	return false, &stored{id: s.id}
}
