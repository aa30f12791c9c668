package websockets

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/coder/websocket"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// check returns the error that refuses a call which cannot become a WebSocket
// (RFC 6455 section 4.2).
func (r *Sessions) check(c *app.Call, subprotocols []string) error {
	request := c.Request
	header := request.Header
	switch {
	case request.Method != http.MethodGet:
		c.Header().Set("Allow", http.MethodGet)
		return app.NewError(http.StatusMethodNotAllowed, "a WebSocket begins with GET")
	case request.ProtoMajor != 1 || request.ProtoMinor == 0:
		return needsUpgrade(c, "a WebSocket needs HTTP/1.1")
	case !hasToken(header["Connection"], "upgrade") || !hasToken(header["Upgrade"], "websocket"):
		return needsUpgrade(c, "this is a WebSocket")
	case !slices.Equal(header["Sec-Websocket-Version"], []string{"13"}):
		return needsUpgrade(c, "the version of the WebSocket has to be 13")
	case !isKey(header["Sec-Websocket-Key"]):
		return app.NewError(http.StatusBadRequest, "Sec-WebSocket-Key is not one of 16 bytes in base64")
	case request.ContentLength != 0:
		return app.NewError(http.StatusBadRequest, "a request for a WebSocket has no body")
	case !r.allowsOrigin(c):
		return app.NewError(http.StatusForbidden, "pages of this origin are not allowed")
	}
	if _, ok := agree(c, subprotocols); !ok {
		return app.NewError(http.StatusBadRequest, "the client speaks none of the subprotocols "+strings.Join(subprotocols, ", "))
	}
	return nil
}

// needsUpgrade returns the error for a call that is no handshake. HTTP/2 knows
// neither Connection nor Upgrade.
func needsUpgrade(c *app.Call, message string) error {
	c.Header().Set("Sec-WebSocket-Version", "13")
	if c.Request.ProtoMajor == 1 {
		c.Header().Set("Connection", "Upgrade")
		c.Header().Set("Upgrade", "websocket")
	}
	return app.NewError(http.StatusUpgradeRequired, message)
}

// hasToken reports whether a list has a token, in any case.
func hasToken(values []string, token string) bool {
	for element := range httpheader.Elements(values) {
		if strings.EqualFold(element, token) {
			return true
		}
	}
	return false
}

// isKey reports whether a header is the key of a handshake.
func isKey(values []string) bool {
	if len(values) != 1 {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(values[0])
	return err == nil && len(key) == 16
}

// agree returns the first of the subprotocols that the client offers, and whether
// there is one. A WebSocket without subprotocols agrees on none.
func agree(c *app.Call, subprotocols []string) (agreed string, ok bool) {
	offers := slices.Collect(httpheader.Elements(c.Request.Header["Sec-Websocket-Protocol"]))
	for _, name := range subprotocols {
		if slices.Contains(offers, name) {
			return name, true
		}
	}
	return "", len(subprotocols) == 0
}

// allowsOrigin reports whether the page that has sent a call may do so. What
// sends no Origin is no browser (RFC 6455 section 10.2).
func (r *Sessions) allowsOrigin(c *app.Call) bool {
	values := c.Request.Header["Origin"]
	switch {
	case len(values) == 0, r.config.AllowAnyOrigin:
		return true
	case len(values) > 1:
		return false
	}
	from, ok := httpheader.ParseOrigin(values[0])
	own := c.Origin()
	return ok && (from.IsOwn(own.Scheme, own.Host, own.Port) || r.config.origins[from])
}

// accept answers a call that was checked with 101, and takes its connection.
func (r *Sessions) accept(c *app.Call, subprotocols []string) (*websocket.Conn, *conn, error) {
	mode, threshold := r.config.compression()
	w := &takingWriter{ResponseWriter: c.Writer(), sessions: r}
	if agreed, _ := agree(c, subprotocols); agreed != "" {
		// The library would take one that differs in its case.
		w.Header().Set("Sec-WebSocket-Protocol", agreed)
	}
	socket, err := websocket.Accept(w, c.Request, &websocket.AcceptOptions{
		InsecureSkipVerify:   true, // checked before
		CompressionMode:      mode,
		CompressionThreshold: threshold,
	})
	switch {
	case err == nil:
		return socket, w.conn, nil
	case errors.Is(w.err, app.ErrStopping):
		return nil, nil, w.err
	case errors.Is(w.err, http.ErrNotSupported):
		return nil, nil, fmt.Errorf("respond with a WebSocket: a middleware around the handler keeps the connection from being taken: its writer needs Hijack or Unwrap: %w", w.err)
	case w.err != nil:
		return nil, nil, fmt.Errorf("respond with a WebSocket: %w", w.err)
	default:
		return nil, nil, fmt.Errorf("respond with a WebSocket: %w", err)
	}
}

// A takingWriter lets the library take the connection, and wraps it. If that
// fails, what the library answers is left out: the error is the answer.
type takingWriter struct {
	http.ResponseWriter

	sessions *Sessions
	conn     *conn // nil until it was taken
	err      error // why it could not be
}

// Hijack implements http.Hijacker.
func (w *takingWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	taken, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		w.err = err
		w.ResponseWriter.Header().Del("Sec-WebSocket-Accept")
		w.ResponseWriter.Header().Del("Sec-WebSocket-Protocol")
		w.ResponseWriter.Header().Del("Sec-WebSocket-Extensions")
		return nil, nil, err
	}
	w.conn = newConn(taken, w.sessions.writeTimeout())
	buffered.Writer.Reset(w.conn)
	return w.conn, buffered, nil
}

func (w *takingWriter) WriteHeader(status int) {
	if w.err == nil && status == http.StatusSwitchingProtocols {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *takingWriter) Write(p []byte) (int, error) { return len(p), nil }
