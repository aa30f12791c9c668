package sessions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// A Handle is what the sessions of one name are reached by, whose values are of
// type T. It has no state and belongs to no application: it is a package variable,
// made once, and [Plugin] says where and how its sessions are kept. Two handles
// are two sessions, whatever their names. Its methods may be called by all
// goroutines of a call at once.
//
// The session of a call is read when a method first asks for it, and what is
// changed is kept and sent with the head of the response, whatever the response
// is: also an error, and also when a middleware, a mounted handler or a stream has
// made it.
//
// Ktor: what a type is for call.sessions.
type Handle[T any] struct {
	known   core
	options Options[T]
}

// core is what all handles have.
type core struct {
	name    string
	mistake error
}

// Options change a [Handle].
type Options[T any] struct {
	// Serializer makes bytes of values: [JSON] by default. Nil is a mistake.
	//
	// Ktor: serializer.
	Serializer Serializer[T]
	// Owner returns whose a session is, such as the ID of a user, or "" if it is
	// nobody's. [Handle.ClearOwner] ends all sessions of an owner. Nil, the
	// default, has all belong to nobody.
	Owner func(value T) string
}

// New returns a handle. The name is that of the cookie or header. What is wrong
// with it is reported by Start at the line that installs [Plugin] with it.
func New[T any](name string, configure ...func(*Options[T])) *Handle[T] {
	h := &Handle[T]{known: core{name: name}, options: Options[T]{Serializer: JSON[T]()}}
	h.known.mistake = mistakes.Configure(&h.options, configure)
	if h.options.Serializer == nil {
		h.known.mistake = errors.Join(h.known.mistake, errors.New("the serializer is nil: JSON is the default"))
	}
	return h
}

// Name returns the name of the cookie or header.
func (h *Handle[T]) Name() string {
	if h == nil {
		return ""
	}
	return h.known.name
}

func (h *Handle[T]) core() *core {
	if h == nil {
		return nil
	}
	return &h.known
}

// typed is a slot with its value.
type typed[T any] struct {
	slot

	value   T
	decoded bool
}

// Get returns the session of a call, and whether it has one. What the client has
// sent is none if it was changed, has expired, was ended, or cannot be
// deserialized; why is logged at debug level. An error says that the storage has
// failed, or that the plugin does not have the session where the call is.
//
// Slices, maps and pointers in the value are the call's: changes count when Set is
// called with them.
//
// Ktor: get.
func (h *Handle[T]) Get(c *app.Call) (value T, ok bool, err error) {
	st, s, err := h.begin(c)
	if err != nil {
		return value, false, err
	}
	defer st.mu.Unlock()
	value, ok = h.valueOf(c, s)
	return value, ok, nil
}

// GetOrSet returns the session of a call. If it has none, it is set to what
// generate returns, once for each call. An error of generate is returned as it
// is, and nothing is set.
//
// Ktor: getOrSet.
func (h *Handle[T]) GetOrSet(c *app.Call, generate func() (T, error)) (T, error) {
	if value, ok, err := h.Get(c); ok || err != nil {
		return value, err
	}
	value, err := generate()
	if err != nil {
		return value, err
	}
	return value, h.Set(c, value)
}

// Set makes value the session of a call. It is serialized at once, and an error
// says so if that fails, or if it is too long for a cookie, 4096 bytes, or a
// header. An error that wraps [ErrTooLate] says that the response has left. If
// the bytes are those that the client has sent, nothing is kept or sent.
//
// A session that the client has sent keeps its ID, and one that is new gets an ID
// that nobody knows, whatever the client has sent. If the session is ended while
// the call runs, it stays so, and value is lost with it. Of two calls of one
// session that set it at once, the last one wins.
//
// Ktor: set.
func (h *Handle[T]) Set(c *app.Call, value T) error {
	st, s, err := h.begin(c)
	if err != nil {
		return err
	}
	defer st.mu.Unlock()
	if st.sent {
		return h.fail("set", ErrTooLate)
	}
	payload, err := h.options.Serializer.Serialize(value)
	if err != nil {
		return h.fail("set", fmt.Errorf("serialize: %w", err))
	}
	if err := s.set(payload, h.ownerOf(value)); err != nil {
		return h.fail("set", err)
	}
	s.value, s.decoded = value, true
	return nil
}

// Clear ends the session of a call: the storage forgets it, and the client is
// told. By value the client alone can forget: see [Settings.Storage]. A Set that
// follows begins another session. A call without a session has nothing to clear.
//
// Ktor: clear.
func (h *Handle[T]) Clear(c *app.Call) error {
	st, s, err := h.begin(c)
	if err != nil {
		return err
	}
	defer st.mu.Unlock()
	if st.sent {
		return h.fail("clear", ErrTooLate)
	}
	s.forget(c)
	return nil
}

// RenewID gives the session of a call another ID, and ends the old one: to be
// called when somebody logs in to a session that was there before, so that whoever
// has planted its ID has nothing (session fixation). A call without a session, a
// session that is new, and sessions by value have no ID to renew.
func (h *Handle[T]) RenewID(c *app.Call) error {
	st, s, err := h.begin(c)
	if err != nil {
		return err
	}
	defer st.mu.Unlock()
	if st.sent {
		return h.fail("renew ID of", ErrTooLate)
	}
	value, _ := h.valueOf(c, s)
	s.renewID(h.ownerOf(value))
	return nil
}

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
	defer st.mu.Unlock()
	if _, ok := h.valueOf(c, s); !ok {
		return false, nil
	}
	switch {
	case s.does == write && !s.kept:
		return true, nil
	case s.provider.storage == nil:
		return time.Now().Before(s.expires) || s.does == write, nil
	}
	asked := stored{id: s.id}
	return s.provider.fetch(c.Context(), &asked)
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
	case s.found && s.id == id && !st.sent:
		s.forget(c)
		return nil
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
	if value, ok := h.valueOf(c, s); ok && h.ownerOf(value) == owner && !st.sent {
		s.forget(c)
	}
	return h.now(c, "clear owner of", func(ctx context.Context) error {
		return storage.DeleteOwner(ctx, s.provider.ownerKey(owner))
	})
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

func (h *Handle[T]) fail(what string, err error) error {
	return fmt.Errorf("%s session %s: %w", what, h.Name(), err)
}

func (h *Handle[T]) ownerOf(value T) string {
	if h.options.Owner == nil {
		return ""
	}
	return h.options.Owner(value)
}

// begin returns what a call knows of the session, which is loaded, and the state
// of the call, which is locked.
func (h *Handle[T]) begin(c *app.Call) (*state, *typed[T], error) {
	st, err := stateOf(c)
	if err != nil {
		return nil, nil, h.fail("use", err)
	}
	place, err := st.place(h.core())
	if err != nil {
		return nil, nil, h.fail("use", err)
	}
	st.mu.Lock()
	s, _ := st.slots[place].(*typed[T])
	if s == nil {
		s = &typed[T]{slot: slot{provider: st.instance.providers[place]}}
		st.slots[place] = s
	}
	if err := s.slot.load(c, st.sent); err != nil {
		st.mu.Unlock()
		return nil, nil, err
	}
	return st, s, nil
}

// valueOf returns the value of a session, and whether there is one. What was
// loaded and cannot be a value is none.
func (h *Handle[T]) valueOf(c *app.Call, s *typed[T]) (T, bool) {
	if s.found && !s.decoded {
		value, err := h.options.Serializer.Deserialize(s.payload)
		if err != nil {
			s.provider.refuse(c, fmt.Errorf("deserialize: %w", err))
			s.stored, s.found, s.kept, s.does = stored{}, false, false, keep
		} else {
			s.value, s.decoded = value, true
		}
	}
	return s.value, s.found
}

func (s *typed[T]) forget(c *app.Call) {
	s.slot.clear(c)
	var none T
	s.value, s.decoded = none, false
}
