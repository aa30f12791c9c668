package sessions

import (
	"errors"
	"net/http"
	"sync"

	"github.com/chitor-go/chitor/app"
)

// Plugin keeps sessions. It can be installed on the application, or on routes,
// where the nearest installation is the only one that runs.
//
// Ktor: Sessions.
var Plugin = app.NewScopedPlugin("Sessions", func() Config { return Config{} }, setup)

func setup(b *app.PluginBuilder[Config]) error {
	if err := b.Config().check(); err != nil {
		return err
	}
	in := &instance{providers: b.Config().providers}
	b.Provide(in)
	b.InterceptUntilCommit(app.PhasePlugins, in.around)
	// Behind CachingHeaders, which asks whether anybody has said anything.
	b.InterceptSend(app.SendTransferEncoding, in.send)
	b.OnHijack(in.hijack)
	return nil
}

// An instance is what one installation has. It serves any number of calls at once.
type instance struct {
	providers []*provider
	untold    sync.Once // says that a client is not told what was set
}

// around gives a call its state, before anything may leave the call for a fork of
// its own. What the send hook has not sent when the rest has returned, it sends: an
// error of a storage then becomes the answer as any other does.
func (in *instance) around(next app.Handler) app.Handler {
	return func(c *app.Call) error {
		st, found := stateKey.Get(c)
		if !found {
			st = newState(in, c)
			stateKey.Set(c, st)
		}
		err := next(c)
		if problem := st.settle(c); problem != nil {
			return errors.Join(err, problem)
		}
		return err
	}
}

// settle sends what is to be sent, if the head has not left. If it has, settle does
// not wait either for a goroutine of the call that asks for a session.
func (st *state) settle(c *app.Call) error {
	if st.sent.Load() {
		return nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.sent.Load() || !st.asked() {
		return nil
	}
	return st.apply(c, c.Header())
}

// asked reports whether anybody has asked for a session.
func (st *state) asked() bool {
	for _, r := range st.slots {
		if r != nil {
			return true
		}
	}
	return false
}

// send sends what is to be sent with the head.
func (in *instance) send(c *app.Call, out *app.Outgoing) error {
	st, found := stateKey.Get(c)
	if !found {
		return nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.sent.Store(true)
	if !st.asked() {
		return nil
	}
	return st.apply(c, out.Header)
}

// hijack sends what is to be sent with the head that leaves before a handler takes
// the connection, as a WebSocket's does. Where the handler writes its own, what
// was changed is kept, and nobody can tell the client.
func (in *instance) hijack(c *app.Call, head http.Header) error {
	st, found := stateKey.Get(c)
	if !found {
		return nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.sent.Store(true)
	if !st.asked() {
		return nil
	}
	if head != nil {
		return st.apply(c, head)
	}
	if err := st.apply(c, http.Header{}); err != nil {
		return err
	}
	if st.tells() {
		in.untold.Do(func() {
			c.Application().Logger().Warn("a session was set, and its client is not told: the handler takes the connection and writes a head of its own",
				"route", c.Route())
		})
	}
	return nil
}
