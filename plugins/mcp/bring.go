package mcphttp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
)

// bring makes the SDK of this node know a session, by the initialize that
// another node has answered. It answers the request if that cannot be.
func (h *Handler) bring(w http.ResponseWriter, r *http.Request, id string) bool {
	known := h.store.replica.know(id)
	if known == nil {
		http.Error(w, "session not found", http.StatusNotFound)
		return false
	}
	l := h.newLocal(r.Context(), id, bringing, *known)
	if other := h.addLocal(l); other != l {
		l.end(nil)
		select {
		case <-other.ready:
		case <-r.Context().Done():
			return false
		}
		if other.now() != serving {
			h.unavailable(w, r, errors.New("bring a session here: another request has failed to"))
			return false
		}
		return true
	}
	if err := h.initialize(r, l); err != nil {
		h.removeLocal(l)
		l.close(err)
		h.unavailable(w, r, fmt.Errorf("bring a session here: %w", err))
		return false
	}
	l.settle()
	return true
}

// initialize tells the SDK what the client has told another node.
func (h *Handler) initialize(r *http.Request, l *local) error {
	body, err := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": l.card.Initialize,
	})
	if err != nil {
		return err
	}
	leave, err := h.gate.enter(r.Context(), l.id)
	if err != nil {
		return err
	}
	defer leave()
	answer := &answer{}
	h.sdk.ServeHTTP(answer, again(r, body))
	if answer.status != http.StatusOK || answer.Header().Get(sessionHeader) != l.id {
		return fmt.Errorf("initialize: the SDK has answered %d", answer.status)
	}
	l.become(serving)
	initialized := again(r, []byte(`{"jsonrpc":"2.0","method":"notifications/initialized"}`))
	initialized.Header.Set(sessionHeader, l.id)
	initialized.Header.Set(versionHeader, l.card.Version)
	answer.status = 0
	h.sdk.ServeHTTP(answer, initialized)
	if answer.status != http.StatusAccepted {
		return fmt.Errorf("initialized: the SDK has answered %d", answer.status)
	}
	return nil
}

// again returns a request of the same client with another body.
func again(r *http.Request, body []byte) *http.Request {
	next := r.WithContext(r.Context())
	next.Method, next.Body, next.ContentLength = http.MethodPost, io.NopCloser(bytes.NewReader(body)), int64(len(body))
	next.Header = http.Header{
		"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"},
	}
	return next
}

// An answer is an [http.ResponseWriter] that keeps the head alone.
type answer struct {
	header http.Header
	status int
}

// Header implements [http.ResponseWriter].
func (a *answer) Header() http.Header {
	if a.header == nil {
		a.header = http.Header{}
	}
	return a.header
}

// WriteHeader implements [http.ResponseWriter].
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements [http.ResponseWriter].
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return len(p), nil
}

// hear takes what the log says to this node. It must not wait. What is not done
// because the application stops is done by close.
func (h *Handler) hear(r record) {
	l := h.localOf(r.session)
	if l == nil || h.application.Context().Err() != nil {
		return
	}
	switch r.kind {
	case kindClosed:
		h.application.Go(func(context.Context) error {
			l.close(errEnded)
			h.removeLocal(l)
			return nil
		})
	case kindNotice:
		answer := readMessage(r.data)
		if r.stream != h.node && l.now() == serving && (!answer.isAnswer() || l.answered(string(answer.ID))) {
			h.application.Go(func(ctx context.Context) error {
				h.pass(ctx, l, r.data)
				return nil
			})
		}
	case kindMessage, kindAnswer, kindSession:
	}
}

// pass passes a notification on to the SDK that its client has sent to another
// node, in the name of the user whose session it is.
func (h *Handler) pass(ctx context.Context, l *local, body []byte) {
	r := again((&http.Request{URL: &url.URL{Path: "/"}, Host: "localhost"}).WithContext(ctx), body)
	r.Header.Set(sessionHeader, l.id)
	r.Header.Set(versionHeader, l.card.Version)
	verified := func(context.Context, string, *http.Request) (*auth.TokenInfo, error) {
		return &auth.TokenInfo{UserID: l.token, Expiration: time.Now().Add(time.Hour)}, nil
	}
	r.Header.Set("Authorization", "Bearer of-another-node")
	answer := &answer{}
	auth.RequireBearerToken(verified, nil)(h.sdk).ServeHTTP(answer, r)
	if answer.status != http.StatusAccepted && l.now() == serving {
		h.application.Logger().LogAttrs(ctx, slog.LevelWarn, "an MCP notification of another node was refused",
			slog.Int("status", answer.status))
	}
}
