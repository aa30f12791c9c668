package sessions

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// ErrTooLate is wrapped by the errors of [Handle.Set], [Handle.Clear] and
// [Handle.RenewID] when the head of the response is on its way or has left, as
// that of a stream has with the first event: nothing could tell the client.
//
// Ktor: TooLateSessionSetException.
var ErrTooLate = errors.New("the head of the response has left")

// state is what a call knows of its sessions. Forks of a call share it with the
// call, and their goroutines may outlast it.
type state struct {
	instance *instance
	maker    *app.Call // for which the state was made: a fork, perhaps

	sent atomic.Bool // the head has left, or is being sent: set with mu held

	mu    sync.Mutex
	lost  bool     // what was to be kept could not be
	slots []record // by the place of the provider, nil until somebody asks
	one   [1]record
}

var errNotInstalled = errors.New("the plugin Sessions is not installed there: install sessions.Plugin")

// stateKey holds the state of a call.
var stateKey = app.NewKey[*state]("sessions.state")

func newState(in *instance, c *app.Call) *state {
	st := &state{instance: in, maker: c}
	if len(in.providers) == 1 {
		st.slots = st.one[:]
	} else {
		st.slots = make([]record, len(in.providers))
	}
	return st
}

// stateOf returns the state of a call, and makes one where the plugin is installed
// but has not seen the call yet.
func stateOf(c *app.Call) (*state, error) {
	if st, ok := stateKey.Get(c); ok {
		return st, nil
	}
	in, ok := app.InstanceOf[*instance](Plugin, c.Scope())
	if !ok {
		return nil, errNotInstalled
	}
	st := newState(in, c)
	stateKey.Set(c, st)
	return st, nil
}

// place returns where the slot of a handle is.
func (in *instance) place(known *core) (int, error) {
	if known == nil {
		return 0, errors.New("the handle is nil: make one with sessions.New")
	}
	for i, p := range in.providers {
		if p.core == known {
			return i, nil
		}
	}
	return 0, errors.New("the plugin Sessions does not have it there: add it with Config.Cookie or Config.Header")
}

// apply does what has to be done for the response to have header: keeps what was
// changed, forgets what was cleared, and tells the client. It does nothing twice,
// and nothing for the answer to an error of its own.
func (st *state) apply(c *app.Call, header http.Header) error {
	for _, r := range st.slots {
		if r == nil || st.lost {
			continue
		}
		s := r.untyped()
		if s.does == keep && len(s.dead) == 0 {
			continue
		}
		if err := s.apply(c, header); err != nil {
			st.lost = true
			return fmt.Errorf("send session %s: %w", s.provider.core.name, err)
		}
	}
	st.care(header)
	return nil
}

// isForked reports whether the state was made in a fork of a call, whose answer
// passes no hooks.
func (st *state) isForked() bool {
	outer, found := app.CallFrom(st.maker.Arrived().Context())
	return found && outer.Application() == st.maker.Application()
}

// late reports whether nothing can be told to the client any more.
func (st *state) late(c *app.Call) bool { return st.sent.Load() || c.Answered() && st.isForked() }

// hurry does at once, for a fork, what for a call waits for the head.
func (st *state) hurry(c *app.Call) error {
	if st.isForked() && !st.late(c) {
		return st.apply(c, c.Header())
	}
	return nil
}

// care keeps caches from giving to others what is one client's.
func (st *state) care(header http.Header) {
	for _, r := range st.slots {
		if r == nil {
			continue
		}
		s := r.untyped()
		httpheader.AddVary(header, s.provider.transport.varies())
		if s.told && !isUnshared(header) {
			header["Cache-Control"] = []string{strings.Join(append(header["Cache-Control"], "private"), ", ")}
		}
	}
}

// tells reports whether the response says something of a session to the client.
func (st *state) tells() bool {
	for _, r := range st.slots {
		if r != nil && r.untyped().told {
			return true
		}
	}
	return false
}

// isUnshared reports whether a response says that no cache may give it to others.
func isUnshared(header http.Header) bool {
	lines := header["Cache-Control"]
	return httpheader.Lists(lines, "private") || httpheader.Lists(lines, "no-store")
}
