package sessions

import (
	"context"
	"errors"

	"github.com/chitor-go/chitor/app"
)

// ID returns the ID of the session of a call, and whether it has one: that of a
// session that is to be kept is known as soon as Set has returned. Sessions by
// value have none. If the storage fails there is none; Get says why. Whoever
// knows an ID has the session, unless it is signed: it belongs into no log.
//
// Ktor: sessionId.
func (h *Handle[T]) ID(c *app.Call) (id string, ok bool) {
	st, s, err := h.begin(c)
	if err != nil {
		return "", false
	}
	defer st.mu.Unlock()
	_, ok = h.valueOf(c, s)
	return s.id, ok && s.id != ""
}

// ClearID ends the session of an ID, at once: one that the same user has on
// another device. If it is that of the call, see Clear. An ID that is none ends
// nothing. Sessions by value have no IDs, which is an error.
//
// Ktor: clear with a session ID.
func (h *Handle[T]) ClearID(c *app.Call, id string) error {
	st, s, err := h.begin(c)
	if err != nil {
		return err
	}
	defer st.mu.Unlock()
	switch storage := s.provider.storage; {
	case storage == nil:
		return h.fail("clear ID of", errors.New("it is kept by value, without an ID: set a Storage"))
	case s.found() && s.id == id && !st.late(c):
		s.forget(c)
		return st.hurry(c)
	case !isID(id):
		return nil
	default:
		return h.now(c, "clear ID of", func(ctx context.Context) error { return storage.Delete(ctx, s.provider.key(id)) })
	}
}

// ClearOwner ends all sessions of an owner, at once, on all devices: to be called
// when a password was changed, or when a user logs out everywhere. The session of
// the call ends with them if it is the owner's; a Set that follows begins another.
// It needs [Options.Owner] and a storage that is an [OwnerStorage]; without them
// it is an error.
func (h *Handle[T]) ClearOwner(c *app.Call, owner string) error {
	st, s, err := h.begin(c)
	if err != nil {
		return err
	}
	defer st.mu.Unlock()
	storage, able := s.provider.storage.(OwnerStorage)
	switch {
	case h.options.Owner == nil:
		return h.fail("clear owner of", errors.New("nothing says whose a session is: give New an Owner"))
	case !able:
		return h.fail("clear owner of", errors.New("its storage cannot find the sessions of an owner: set one that is an OwnerStorage"))
	case owner == "":
		return h.fail("clear owner of", errors.New("the owner is empty, which stands for nobody"))
	}
	if _, ok := h.valueOf(c, s); ok && s.owner == owner && !st.late(c) {
		s.forget(c)
	}
	err = h.now(c, "clear owner of", func(ctx context.Context) error {
		return storage.DeleteOwner(ctx, s.provider.ownerKey(owner))
	})
	return errors.Join(err, st.hurry(c))
}

// now does something to the storage, whether or not the client is still there.
func (h *Handle[T]) now(c *app.Call, what string, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), writeTimeout)
	defer cancel()
	if err := do(ctx); err != nil {
		return h.fail(what, err)
	}
	return nil
}
