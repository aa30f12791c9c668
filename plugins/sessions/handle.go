package sessions

import (
	"errors"
	"fmt"

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
	// nobody's. [Handle.ClearOwner] ends all sessions of an owner, and a session
	// that becomes another owner's, as at a login, gets another ID. Nil, the
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

// Check returns an error if [Plugin] does not have the session in scope, or in a
// scope around it. It is for plugins that need the session, and may be called when
// all modules have run. Of an installation that has failed Start says more: that is
// no error here.
func (h *Handle[T]) Check(scope app.Scope) error {
	in, ok := app.InstanceOf[*instance](Plugin, scope)
	if !ok {
		if _, installed := Plugin.In(scope); installed {
			return nil // Start says what is wrong with it
		}
		return h.fail("use", errNotInstalled)
	}
	if _, err := in.place(h.core()); err != nil {
		return h.fail("use", err)
	}
	return nil
}

func (h *Handle[T]) core() *core {
	if h == nil {
		return nil
	}
	return &h.known
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
	return value, ok, st.hurry(c)
}

// GetOrSet returns the session of a call. If it has none, it is set to what
// generate returns. Of goroutines of the call that do so at once each may call
// generate, and all get what was set first. An error of generate is returned as
// it is, and nothing is set.
//
// Ktor: getOrSet.
func (h *Handle[T]) GetOrSet(c *app.Call, generate func() (T, error)) (T, error) {
	if value, ok, err := h.Get(c); ok || err != nil {
		return value, err
	}
	value, err := generate() // which may ask for sessions
	if err != nil {
		return value, err
	}
	st, s, err := h.begin(c)
	if err != nil {
		return value, err
	}
	defer st.mu.Unlock()
	if first, ok := h.valueOf(c, s); ok {
		return first, nil
	}
	return value, h.change(c, st, s, value)
}

// Set makes value the session of a call. It is serialized at once, and an error
// says so if that fails, or if it is too long for a cookie, 4096 bytes, or a
// header. An error that wraps [ErrTooLate] says that the response has left. If
// the bytes are those that the client has sent, nothing is kept or sent.
//
// A session that the client has sent keeps its ID and its [Settings.Lifetime],
// unless it becomes another owner's: that begins another session, and ends the
// old one. One that is new gets an ID that nobody knows, whatever the client has
// sent. If the session is ended by another call while this one runs, it stays so,
// and value is lost with it, without an error: only a Set after [Handle.Clear], or
// with another owner, begins another. Of two calls of one session that set it at once, the last one
// wins.
//
// Ktor: set.
func (h *Handle[T]) Set(c *app.Call, value T) error {
	st, s, err := h.begin(c)
	if err != nil {
		return err
	}
	defer st.mu.Unlock()
	return h.change(c, st, s, value)
}

// change makes value the session, with the state locked.
func (h *Handle[T]) change(c *app.Call, st *state, s *typed[T], value T) error {
	if st.late(c) {
		return h.fail("set", ErrTooLate)
	}
	payload, err := h.options.Serializer.Serialize(value)
	if err != nil {
		return h.fail("set", fmt.Errorf("serialize: %w", err))
	}
	owner := ""
	if h.options.Owner != nil {
		_, _ = h.valueOf(c, s) // which says whose it was
		owner = h.options.Owner(value)
	}
	if err := s.set(payload, owner); err != nil {
		return h.fail("set", err)
	}
	s.value, s.decoded = value, true
	return st.hurry(c)
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
	if st.late(c) {
		return h.fail("clear", ErrTooLate)
	}
	s.forget(c)
	return st.hurry(c)
}

// RenewID gives the session of a call another ID, and ends the old one: to be
// called when somebody logs in to a session that was there before, so that whoever
// has planted its ID has nothing (session fixation). Where [Options.Owner] says
// whose a session is, Set does so when that changes. A call without a session, a
// session that is new, and sessions by value have no ID to renew. If the session
// is ended by another call while this one runs, it stays so. Its
// [Settings.Lifetime] goes on: where it should begin at the login, and no owner
// changes, call Clear before Set.
func (h *Handle[T]) RenewID(c *app.Call) error {
	st, s, err := h.begin(c)
	if err != nil {
		return err
	}
	defer st.mu.Unlock()
	if st.late(c) {
		return h.fail("renew ID of", ErrTooLate)
	}
	_, _ = h.valueOf(c, s)
	s.renewID()
	return st.hurry(c)
}

func (h *Handle[T]) fail(what string, err error) error {
	return fmt.Errorf("%s session %s: %w", what, h.Name(), err)
}

// begin returns what a call knows of the session, which is loaded, and the state
// of the call, which is locked.
func (h *Handle[T]) begin(c *app.Call) (*state, *typed[T], error) {
	st, err := stateOf(c)
	if err != nil {
		return nil, nil, h.fail("use", err)
	}
	place, err := st.instance.place(h.core())
	if err != nil {
		return nil, nil, h.fail("use", err)
	}
	st.mu.Lock()
	loaded := false
	defer func() { // also when a storage panics
		if !loaded {
			st.mu.Unlock()
		}
	}()
	s, _ := st.slots[place].(*typed[T])
	if s == nil {
		s = &typed[T]{slot: slot{provider: st.instance.providers[place]}}
		st.slots[place] = s
	}
	if err := s.load(c, st.late(c)); err != nil {
		return nil, nil, err
	}
	loaded = true
	return st, s, nil
}
