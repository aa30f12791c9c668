package mcphttp

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

const (
	sessionHeader = "Mcp-Session-Id"
	versionHeader = "Mcp-Protocol-Version"
	eventHeader   = "Last-Event-ID"

	// longestInitialize is how many bytes of parameters a client may send with
	// initialize: they are in the memory of all nodes.
	longestInitialize = 16 << 10
)

// A Handler is an [http.Handler] that serves the sessions of an [mcp.Server] on
// every node that has the same log. It belongs to an application, is made by
// [NewHandler], and is mounted wherever its clients look for it.
//
// It answers POST by an [mcp.StreamableHTTPHandler], so that all that one checks
// is checked, and what a session of another node was initialized with is told to
// it again when the first request comes: the InitializedHandler of the server
// runs on each node. It answers GET and DELETE itself.
//
// When the application stops, requests that still run may do so for as long as
// [app.Config.ShutdownTimeout] has left but a second; their messages reach clients
// that resume elsewhere. Then their contexts end.
type Handler struct {
	application *app.Application
	config      HandlerConfig
	store       *Store
	server      *mcp.Server
	sdk         http.Handler
	gate        *idGate
	node        string                  // names this node in notices
	life        context.Context         //nolint:containedctx // its own, which ends after the stop
	stop        context.CancelCauseFunc // ends all requests
	quiet       chan struct{}           // says that a request has ended

	mu       sync.Mutex // guards what follows
	stopping bool       // nobody may read any more
	locals   map[string]*local
	readers  map[tailKey]*reader
}

// NewHandler returns a handler of an application, which serves one server with a
// store. It is called in a module. The server is made by the function, with the
// options that it is given, which are otherwise empty: GetSessionID is set there.
// Mistakes are those of the line that calls NewHandler, and Start returns them. A
// store has one handler, and nobody else may connect the server by HTTP.
func NewHandler(
	a *app.Application, store *Store, server func(*mcp.ServerOptions) *mcp.Server, configure ...func(*HandlerConfig),
) *Handler {
	site := app.Caller(1)
	config := defaultHandlerConfig()
	wrong := mistakes.Configure(&config, configure)
	h := &Handler{
		application: a, config: config, store: store, gate: newIDGate(), node: rand.Text(),
		quiet: make(chan struct{}, 1), locals: map[string]*local{}, readers: map[tailKey]*reader{},
	}
	h.life, h.stop = context.WithCancelCause(context.Background())
	if err := errors.Join(wrong, config.check(), h.connect(server)); err != nil {
		a.FailAt(site, fmt.Errorf("make an MCP handler: %w", err))
		return h
	}
	a.OnStart(func(context.Context) error {
		a.Go(h.sweep)
		return nil
	})
	a.OnStopPreparing(h.dismiss)
	a.OnStop(h.close)
	return h
}

// connect makes the server and the SDK's handler.
func (h *Handler) connect(makeServer func(*mcp.ServerOptions) *mcp.Server) error {
	switch {
	case h.store == nil:
		return errors.New("the store is nil")
	case h.store.heard != nil:
		return errors.New("the store has a handler already")
	case makeServer == nil:
		return errors.New("the function that makes the server is nil")
	}
	h.store.heard = h.hear
	h.server = makeServer(&mcp.ServerOptions{GetSessionID: h.gate.id})
	if h.server == nil {
		return errors.New("the function that makes the server has returned nil")
	}
	h.server.AddReceivingMiddleware(h.track)
	h.sdk = mcp.NewStreamableHTTPHandler(
		func(*http.Request) *mcp.Server { return h.server },
		&mcp.StreamableHTTPOptions{
			EventStore: kept{h}, MaxRequestBodyBytes: h.config.MaxBody,
			DisableLocalhostProtection: h.config.DisableLocalhostProtection,
		},
	)
	return nil
}

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := r.Header.Get(sessionHeader)
	switch {
	case r.Method == http.MethodPost:
		h.post(w, r, id)
	case r.Method != http.MethodGet && r.Method != http.MethodDelete:
		w.Header().Set("Allow", "GET, POST, DELETE")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	case id == "":
		http.Error(w, "the header Mcp-Session-Id is missing", http.StatusBadRequest)
	case !h.find(w, r, id):
	case r.Method == http.MethodGet:
		h.get(w, r, id)
	default:
		h.end(w, r, id)
	}
}

// find looks for the session of a request, and answers if there is none that the
// user may know of.
func (h *Handler) find(w http.ResponseWriter, r *http.Request, id string) bool {
	known := h.store.replica.know(id)
	if known == nil && len(id) <= longestSession {
		if err := h.store.sync(r.Context()); err != nil {
			h.unavailable(w, r, err)
			return false
		}
		known = h.store.replica.know(id)
	}
	if known == nil || known.User != h.config.User(r.Context()) {
		http.Error(w, "session not found", http.StatusNotFound)
		return false
	}
	h.renew(r.Context(), id)
	return true
}

func (h *Handler) unavailable(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == nil {
		h.application.Logger().LogAttrs(r.Context(), slog.LevelError, "the log of MCP events does not answer",
			slog.Any("error", err))
	}
	http.Error(w, "the log of events does not answer", http.StatusServiceUnavailable)
}

// end ends a session on all nodes.
func (h *Handler) end(w http.ResponseWriter, r *http.Request, id string) {
	if err := h.store.SessionClosed(r.Context(), id); err != nil {
		h.unavailable(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// post answers a POST.
func (h *Handler) post(w http.ResponseWriter, r *http.Request, id string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.config.MaxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		http.Error(w, "the body is too large", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	if start := bytes.TrimLeft(body, " \t\r\n"); len(start) > 0 && start[0] == '[' {
		// No version of the protocol has them but 2025-03-26, and a stream that
		// is to end with its answer must have one.
		http.Error(w, "batches are not supported", http.StatusBadRequest)
		return
	}
	message := readMessage(body) // the SDK says what is wrong with it
	r = r.WithContext(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	if id == "" {
		h.begin(w, r, message)
		return
	}
	if !h.find(w, r, id) || !h.bring(w, r, id) {
		return
	}
	if h.isForOthers(id, message) {
		if err := h.store.publish(r.Context(), record{kindNotice, id, h.node, 0, body}); err != nil {
			h.unavailable(w, r, err)
			return
		}
	}
	h.sdk.ServeHTTP(w, r)
}

// isForOthers says whether other nodes have to get a message of the client: each
// notification, and the answer to a question that this node has not asked.
func (h *Handler) isForOthers(id string, message rpcMessage) bool {
	if message.isAnswer() {
		l := h.localOf(id)
		return l == nil || !l.answered(string(message.ID))
	}
	return message.isNotification()
}

// begin answers a POST without a session: mostly initialize, which makes one.
func (h *Handler) begin(w http.ResponseWriter, r *http.Request, message rpcMessage) {
	id, user := rand.Text(), h.config.User(r.Context())
	if message.isRequest() && message.Method == "initialize" {
		switch {
		case len(message.Params) > longestInitialize:
			http.Error(w, "the parameters of initialize are too large", http.StatusRequestEntityTooLarge)
			return
		case user != "" && h.store.replica.sessionsOf(user) >= h.config.SessionsOfUser:
			http.Error(w, "too many sessions", http.StatusTooManyRequests)
			return
		}
	}
	l := h.newLocal(r.Context(), id, beginning, card{User: user, Initialize: message.Params})
	if !message.isRequest() || message.Method != "initialize" {
		l.card.Initialize = nil // nothing that others have to know
	}
	h.addLocal(l)
	if !h.make(w, r, id) || l.now() != serving {
		h.removeLocal(l)
		l.close(errEnded)
	}
}

// make has the SDK answer a POST that makes a session.
func (h *Handler) make(w http.ResponseWriter, r *http.Request, id string) bool {
	leave, err := h.gate.enter(r.Context(), id)
	if err != nil {
		http.Error(w, "too many sessions begin", http.StatusServiceUnavailable)
		return false
	}
	defer leave()
	h.sdk.ServeHTTP(w, r)
	return true
}
