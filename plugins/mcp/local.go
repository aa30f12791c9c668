package mcphttp

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A state says how far a session is on this node.
type state int

const (
	beginning state = iota // its client has sent initialize, which is not answered
	bringing               // another node has begun it, and the SDK is told
	serving                // the SDK has it
	closed
)

// A local is a session that the SDK has on this node.
type local struct {
	id    string
	token string                  // the user that the SDK knows
	ready chan struct{}           // closed when requests may come, or it has ended
	once  sync.Once               // closes ready
	life  context.Context         //nolint:containedctx // its own, which ends with the session
	end   context.CancelCauseFunc // ends its requests

	mu      sync.Mutex // guards what follows
	state   state
	card    card
	session *mcp.ServerSession // nil until the first request has come to it
	running int                // requests and notifications
	due     int                // answers that the SDK has still to write
	used    time.Time
	asked   map[string]bool // the IDs of the requests to the client that it has not answered
}

// mostAsked is of how many requests to a client a node knows that it has made
// them.
const mostAsked = 1000

// newLocal puts a session among those of this node.
func (h *Handler) newLocal(ctx context.Context, id string, at state, known card) *local {
	l := &local{
		id: id, token: tokenUser(ctx), ready: make(chan struct{}),
		state: at, card: known, used: time.Now(), asked: map[string]bool{},
	}
	l.life, l.end = context.WithCancelCause(h.life)
	return l
}

func (l *local) now() state {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// become says that the SDK has the session, or has it no more.
func (l *local) become(next state) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = next
	if next == closed {
		l.settle()
	}
}

// settle says that the requests which wait for the session may go on.
func (l *local) settle() { l.once.Do(func() { close(l.ready) }) }

// begin says that something runs, for a session.
func (l *local) begin(session *mcp.ServerSession) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.session, l.used = session, time.Now()
	l.running++
}

// finish says that it has ended, and whether an answer is due.
func (l *local) finish(answer bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.used = time.Now()
	l.running--
	if answer {
		l.due++
	}
}

// ask says that the client was asked something.
func (l *local) ask(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.asked) < mostAsked {
		l.asked[id] = true
	}
}

// answered says whether this node has asked what the client answers.
func (l *local) answered(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	asked := l.asked[id]
	delete(l.asked, id)
	return asked
}

// written says that an answer was written. It may be one that the SDK has given
// itself.
func (l *local) written() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due = max(l.due-1, 0)
}

// left returns how much has to be waited for.
func (l *local) left() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running + l.due
}

// busy says whether something runs, or has since a time.
func (l *local) busy(since time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running > 0 || l.used.After(since)
}

// close ends the requests of the session, waits for them, and has the SDK forget
// it.
func (l *local) close(cause error) {
	l.become(closed)
	l.end(cause)
	l.mu.Lock()
	session := l.session
	l.mu.Unlock()
	if session != nil {
		_ = session.Close() // what a store returns, and ours returns nothing
	}
}

func (h *Handler) localOf(id string) *local {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.locals[id]
}

// addLocal adds a session, unless there is one of that ID, which it returns then.
func (h *Handler) addLocal(l *local) *local {
	h.mu.Lock()
	defer h.mu.Unlock()
	if other := h.locals[l.id]; other != nil {
		return other
	}
	h.locals[l.id] = l
	return l
}

// removeLocal removes a session, unless there is another one of its ID by now.
func (h *Handler) removeLocal(l *local) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.locals[l.id] == l {
		delete(h.locals, l.id)
	}
}

// track is a middleware of the server: it counts the requests that run, and ends
// their contexts with the session and the application.
func (h *Handler) track(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, r mcp.Request) (mcp.Result, error) {
		session, ok := r.GetSession().(*mcp.ServerSession)
		if !ok {
			return next(ctx, method, r)
		}
		l := h.localOf(session.ID())
		if l == nil {
			return next(ctx, method, r)
		}
		l.begin(session)
		defer h.ended()
		defer l.finish(!strings.HasPrefix(method, "notifications/"))
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(l.life, func() { cancel(context.Cause(l.life)) })()
		return next(ctx, method, r)
	}
}
