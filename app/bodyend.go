package app

import "io"

// A BodyWriter changes a body on its way out, as an encoder does: see
// [Outgoing.Wrap]. Its methods are called one after the other; the last one is
// Close or Abort. One that knows how many bytes it will write on may have a
// method Length() int64 that says so, or returns -1.
type BodyWriter interface {
	io.Writer
	// Flush writes out everything that was written so far.
	Flush() error
	// Close ends a body that is whole. An error cuts the connection.
	Close() error
	// Abort gives up a body that is not whole, and must leave it recognisably
	// incomplete.
	Abort()
}

// lengthOf returns how many bytes a writer of a body will write on, -1 if it does
// not know.
func lengthOf(w BodyWriter) int64 {
	if sized, ok := w.(interface{ Length() int64 }); ok {
		return sized.Length()
	}
	return -1
}

// Where a body goes is chosen at the commit: to the wraps that hooks have put
// around it, whose last one writes to the wire; to the wire; or nowhere.

// wireEnd sends a body as it is.
type wireEnd struct{ call *Call }

func (e wireEnd) Write(p []byte) (int, error) { return e.call.wire.Write(callContext(e), p) }
func (e wireEnd) Flush() error                { return nil } // the call flushes the wire
func (e wireEnd) Close() error                { return nil } // the server ends what is whole
func (e wireEnd) Abort()                      {}             // the connection is cut

// nowhere takes a body that is not to be sent: of HEAD, 204 and 304, or what
// still comes of one that a hook has replaced.
type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) Flush() error                { return nil }
func (nowhere) Close() error                { return nil }
func (nowhere) Abort()                      {}

// wrapChain is a wrap in front of the one that it writes to. That one is ended
// whatever becomes of the first, also if it panics: it may hold what others wait
// for.
type wrapChain struct {
	BodyWriter
	next BodyWriter
}

// newWrapChain returns the wrap that first makes, in front of next, or next if
// it makes none.
func newWrapChain(first func(io.Writer) BodyWriter, next BodyWriter) BodyWriter {
	made := false
	defer func() {
		if !made {
			next.Abort()
		}
	}()
	front := first(next)
	made = true
	if front == nil {
		return next
	}
	return &wrapChain{front, next}
}

// Length is that of the last writer, whose bytes are sent.
func (s *wrapChain) Length() int64 { return lengthOf(s.next) }

func (s *wrapChain) Flush() error {
	if err := s.BodyWriter.Flush(); err != nil {
		return err
	}
	return s.next.Flush()
}

func (s *wrapChain) Close() error {
	closed := false
	defer func() {
		if !closed {
			s.next.Abort()
		}
	}()
	if err := s.BodyWriter.Close(); err != nil {
		return err
	}
	closed = true
	return s.next.Close()
}

func (s *wrapChain) Abort() {
	defer s.next.Abort()
	s.BodyWriter.Abort()
}

// writerFunc is a function as the writer that io.Copy wants, and nothing more.
type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
