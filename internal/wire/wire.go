package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// The way of bytes to the network, in pieces. What happens before a piece is
// handed to the server's writer depends on how much that holds since the last
// flush, the piece included:
//
//	at most 2 KiB      nothing: its buffer takes it without touching the network
//	more, or a flush   a deadline is set; a standing one that has used up less
//	                   than a quarter of its time does for a piece under 2 KiB
//	more than 32 KiB,  the cut is armed as well: the kernel takes about as much
//	or a flush         without waiting for the client, a larger one may get stuck
//
// After a flush the deadline is lifted. HTTP/1 looks at it only while it writes,
// so that there it stands until the next flush; HTTP/2 resets a stream whose
// deadline passes in silence, so that there it is lifted after each piece. When
// the handlers have returned it is set once more, for the server's own last
// flush.
const (
	pieceLength    = 256 << 10
	bufferedLength = 2 << 10
	cutLength      = 32 << 10
)

// A Wire carries one exchange. The zero Wire is not usable: see [Wire.Open]. It
// belongs to one goroutine at a time, with three exceptions: the body may be
// read and closed beside everything else, as proxies do; the cut comes from
// another goroutine; and after [Wire.Share] two goroutines may write in turn.
//
// It is part of a larger struct, and therefore small: what few exchanges need
// is kept apart.
type Wire struct {
	server http.ResponseWriter // the only writer that touches the network
	limits *Limits
	rare   *rare // nil until something in it is needed

	armed     stamp  // when the deadline that stands was set; zero if none does
	unflushed uint16 // bytes that the server holds since the last flush, as far as it matters
	head      head
	transport transport
	broken    bool // a write or flush has failed: nothing more is guarded
}

// transport is what the exchange travels on, as far as deadlines differ.
type transport uint8

const (
	http1       transport = iota
	http1Body             // HTTP/1.1 and a body: the server may read it before it sends anything
	http1Duplex           // the same, and the server leaves it alone until the end
	http2
)

// head is how far the head of the response has come.
type head uint8

const (
	headOpen  head = iota // not handed over
	headGiven             // the server's writer has it
	headLeft              // it is on the network
)

// rare is what few exchanges need.
type rare struct {
	timeout time.Duration // in place of Limits.Write; 0 if that holds, negative for none
	cut     *cut          // nil until it is armed
	body    *body         // nil if there is none
	outer   *body         // of the wire that this one lies inside of, else nil
	second  *sync.Mutex   // of a wire that is shared, else nil
	lost    error         // of the first write or flush that has failed
}

// Open begins an exchange: server is the writer of the server, or of a
// middleware that nothing can be seen through, and r is the request whose body
// is limited, by a reader that is put in its place.
func (w *Wire) Open(limits *Limits, server http.ResponseWriter, r *http.Request) {
	w.server, w.limits = server, limits
	switch {
	case r.ProtoMajor >= 2:
		w.transport = http2
	case r.ProtoMajor == 1 && r.ContentLength != 0:
		w.transport = http1Body
	}
	w.limitBody(r)
}

// Server returns the writer that was given to Open.
func (w *Wire) Server() http.ResponseWriter { return w.server }

// IsHTTP2 reports whether the exchange shares its connection with others.
func (w *Wire) IsHTTP2() bool { return w.transport == http2 }

// Broken reports whether a write or flush has failed.
func (w *Wire) Broken() bool { return w.broken }

// Lost returns the error of the first write or flush that has failed, or nil.
func (w *Wire) Lost() error {
	if !w.broken || w.rare == nil {
		return nil
	}
	return w.rare.lost
}

func (w *Wire) lose(err error) {
	if !w.broken {
		w.broken, w.seldom().lost = true, err
	}
}

// SetWriteTimeout replaces [Limits.Write] for what is not written yet; 0 or less
// sets no deadline. Nobody may write meanwhile.
func (w *Wire) SetWriteTimeout(timeout time.Duration) {
	if timeout <= 0 {
		timeout = -1
	}
	w.seldom().timeout = timeout
}

// Share makes [Wire.Lock] and [Wire.Unlock] order two goroutines that write. It
// is called before the second one begins. Finish and Close stay with the first,
// when the second has ended.
func (w *Wire) Share() {
	if rare := w.seldom(); rare.second == nil {
		rare.second = &sync.Mutex{}
	}
}

// Lock is called before a write or flush, and before anything that leads to one,
// such as encoding: it waits for the other goroutine of a wire that is shared.
// On any other wire it does nothing.
func (w *Wire) Lock() {
	if w.rare != nil && w.rare.second != nil {
		w.rare.second.Lock()
	}
}

// Unlock ends what Lock has begun.
func (w *Wire) Unlock() {
	if w.rare != nil && w.rare.second != nil {
		w.rare.second.Unlock()
	}
}

// WriteHeader hands over the head. Informational responses leave at once.
func (w *Wire) WriteHeader(ctx context.Context, status int) {
	informational := status >= 100 && status < 200 && status != http.StatusSwitchingProtocols
	if informational {
		w.guard(ctx, 0, true)
		w.server.WriteHeader(status)
		w.unguard(true)
		return
	}
	w.head = headGiven
	w.server.WriteHeader(status)
}

// Write hands bytes over in pieces. The end of ctx cuts a write that is stuck.
func (w *Wire) Write(ctx context.Context, p []byte) (n int, err error) {
	for {
		piece := p[:min(len(p), pieceLength)]
		w.guard(ctx, len(piece), false)
		written, err := w.server.Write(piece)
		n += written
		if err != nil {
			w.lose(err)
			return n, err
		}
		w.unguard(false)
		if p = p[len(piece):]; len(p) == 0 {
			return n, nil
		}
	}
}

// WriteText is [Wire.Write] for a text, which is not copied.
func (w *Wire) WriteText(ctx context.Context, text string) error {
	for len(text) > 0 {
		piece := text[:min(len(text), pieceLength)]
		w.guard(ctx, len(piece), false)
		if _, err := io.WriteString(w.server, piece); err != nil {
			w.lose(err)
			return err
		}
		w.unguard(false)
		text = text[len(piece):]
	}
	return nil
}

// ReadFrom hands over what is left of a regular file, in pieces that net/http
// sends without copying them. It reports false, and has done nothing, if the
// server's writer cannot do that.
func (w *Wire) ReadFrom(ctx context.Context, file *io.LimitedReader) (n int64, able bool, err error) {
	server, able := w.server.(io.ReaderFrom)
	if !able {
		return 0, false, nil
	}
	for {
		piece := min(file.N, pieceLength)
		w.guard(ctx, int(piece), false)
		read, err := server.ReadFrom(&io.LimitedReader{R: file.R, N: piece})
		n += read
		file.N -= read
		if err != nil {
			w.lose(err)
			return n, true, err
		}
		w.unguard(false)
		if read < pieceLength || file.N == 0 {
			return n, true, nil
		}
	}
}

// EnableFullDuplex lets the body be read beside the response. Over HTTP/1.1 the
// server then sends at once, and reads what is left of the body at the end.
func (w *Wire) EnableFullDuplex() error {
	if err := http.NewResponseController(w.server).EnableFullDuplex(); err != nil {
		return err
	}
	if w.transport == http1Body {
		w.transport = http1Duplex
	}
	return nil
}

// Hold notes that bytes are on their way which have not reached the wire, as in
// an encoder: a flush has something to send.
func (w *Wire) Hold() { w.unflushed = max(w.unflushed, 1) }

// Flushed reports whether nothing was written since the last flush.
func (w *Wire) Flushed() bool { return w.unflushed == 0 }

// Flush sends on what the server holds, and lifts the deadline. Its error wraps
// http.ErrNotSupported if the server's writer cannot flush.
func (w *Wire) Flush(ctx context.Context) error {
	w.guard(ctx, 0, true)
	if err := http.NewResponseController(w.server).Flush(); err != nil {
		if !errors.Is(err, http.ErrNotSupported) {
			w.lose(err)
		}
		return err
	}
	w.unflushed = 0
	w.unguard(true)
	return nil
}

// Hijack takes the connection away from the server, and the deadlines with it.
// If it fails, the exchange goes on as before.
func (w *Wire) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if cut := w.cut(); cut != nil {
		if !cut.disarm() {
			return nil, nil, fmt.Errorf("hijack: %w", context.Canceled)
		}
		w.rare.cut = nil // armed anew before the next write that may get stuck
	}
	return http.NewResponseController(w.server).Hijack()
}

// Detach is Hijack for an exchange that goes on, of which all that was written has
// been flushed: the server's writer is given up. If it fails, the exchange goes on as
// before.
func (w *Wire) Detach() (net.Conn, error) {
	conn, _, err := w.Hijack()
	if err != nil {
		return nil, err
	}
	w.server, w.rare = detached{}, nil
	return conn, nil
}

// detached stands for the server's writer when the connection was taken over.
type detached struct{}

func (detached) Header() http.Header       { return http.Header{} }
func (detached) WriteHeader(int)           {}
func (detached) Write([]byte) (int, error) { return 0, http.ErrHijacked }

// Finish is called when the handlers have returned: from then on no cut meets
// the connection's next request, and the deadline for the server's last flush
// stands. Nothing is written after it.
func (w *Wire) Finish() {
	if cut := w.cut(); cut != nil && !cut.disarm() {
		return // it has set the last deadline
	}
	deadlines := writeDeadlines(w.server)
	if deadlines == nil {
		return
	}
	now := time.Now()
	wait := w.awaitEnd(now)
	if timeout := w.WriteTimeout(); timeout > 0 && !w.broken {
		_ = deadlines.SetWriteDeadline(now.Add(timeout + wait))
	}
}

// Cut ends a write that is stuck, and fails those that follow. It does nothing
// before the first flush. It may be called from any goroutine that has learned
// of that flush from the one that writes, and not once Finish has begun.
func (w *Wire) Cut() {
	if cut := w.cut(); cut != nil {
		cut.now()
	}
}

// Close gives up the server's writer, before it becomes nobody's. It may be
// called more than once, and without Finish, where a handler has ended its
// goroutine.
func (w *Wire) Close() {
	if w.rare == nil {
		return
	}
	if w.rare.cut != nil {
		w.rare.cut.disarm()
	}
	if w.rare.body != nil {
		w.rare.body.detach()
	}
}

func (w *Wire) seldom() *rare {
	if w.rare == nil {
		w.rare = &rare{}
	}
	return w.rare
}

// WriteTimeout returns how long bytes may be on their way, nothing positive if there
// is no limit.
func (w *Wire) WriteTimeout() time.Duration {
	if w.rare != nil && w.rare.timeout != 0 {
		return w.rare.timeout
	}
	return w.limits.Write
}

func (w *Wire) cut() *cut {
	if w.rare == nil {
		return nil
	}
	return w.rare.cut
}
