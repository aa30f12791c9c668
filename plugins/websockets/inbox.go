package websockets

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"unicode/utf8"
)

// An inbox is where the messages of a client come in. One goroutine of the
// session reads from the connection for as long as that is open: it is what sees
// pings, pongs and the close frame while the application does something else. At
// a message it waits until somebody asks for it, so nothing is read ahead, and a
// client that sends too much is held back by the network:
//
//	Session.Receive -> wanted ->  read  -> arrived -> Session.Receive
type inbox struct {
	receiving turn         // held by whoever receives
	wanted    chan request // what the holder of receiving asks for
	arrived   chan arrival // the answer
	// held is odd while a message, or the rest of one, waits for the application
	// to ask for it, and grows: meanwhile nothing is heard of the client.
	held atomic.Int64
	done chan struct{} // closed when nobody reads any more
}

// A request is what is asked for: a whole message, or one to be read.
type request uint8

const (
	wantWhole request = iota
	wantReader
)

// An arrival is a message. Its reader is nil if it is whole.
type arrival struct {
	message Message
	reader  *messageReader
}

func newInbox() inbox {
	return inbox{
		receiving: newTurn(), wanted: make(chan request), arrived: make(chan arrival), done: make(chan struct{}),
	}
}

const opReceive = "receive message"

// Receive returns the next message when all of it has come. It returns with an
// error that wraps the cause when the session has ended: what the client has sent
// before it has closed the WebSocket comes first. Each message is received once,
// by one of those who wait.
//
// Ktor: incoming.receive.
func (s *Session) Receive() (Message, error) {
	arrived, err := s.receive(wantWhole)
	return arrived.message, err
}

// Reader returns the next message as it comes, to be read to its end by the
// caller: others that receive wait until then. It may be used from one goroutine
// at a time. Read may wait for a client in the middle of a message until the
// connection is closed, a moment after the end of the session.
//
// Ktor: Frame with fin = false.
func (s *Session) Reader() (Kind, io.Reader, error) {
	arrived, err := s.receive(wantReader)
	if err != nil {
		return 0, nil, err
	}
	return arrived.message.Kind, arrived.reader, nil
}

func (s *Session) receive(want request) (arrival, error) {
	in := &s.inbox
	if !in.receiving.lock(s.ctx) {
		return arrival{}, s.over(opReceive)
	}
	if want == wantWhole {
		defer in.receiving.unlock()
	}
	select {
	case in.wanted <- want:
	case <-s.ctx.Done():
		return arrival{}, s.over(opReceive)
	}
	select {
	case arrived := <-in.arrived:
		return arrived, nil
	case <-s.ctx.Done():
		return arrival{}, s.over(opReceive)
	}
}

// read passes on what comes, until the session is over or nothing more can come.
func (s *Session) read() {
	defer close(s.inbox.done)
	for s.ctx.Err() == nil {
		if err := s.readMessage(); err != nil {
			s.cancel(s.lossOf(err))
			return
		}
	}
}

func (s *Session) readMessage() error {
	in := &s.inbox
	kind, data, err := s.socket.Reader(context.Background())
	if err != nil {
		return err
	}
	message := Message{Kind: Kind(kind)}
	in.held.Add(1)
	var want request
	select {
	case want = <-in.wanted:
		in.held.Add(1)
	case <-s.ctx.Done():
		return nil
	}
	if want == wantReader {
		reader := &messageReader{session: s, data: data, text: message.Kind == Text, read: make(chan struct{})}
		in.held.Add(1) // until it is read
		return s.pass(arrival{message, reader})
	}
	if message.Data, err = s.shared.readAll(data); err == nil {
		err = s.incomplete()
	}
	if err != nil {
		return err
	}
	if message.Kind == Text && !utf8.Valid(message.Data) {
		return errNotUTF8
	}
	s.received.add(len(message.Data))
	return s.pass(arrival{message: message})
}

// pass hands an arrival to who has asked for it, and waits until it was read.
func (s *Session) pass(arrived arrival) error {
	select {
	case s.inbox.arrived <- arrived:
	case <-s.ctx.Done():
		return nil
	}
	if arrived.reader == nil {
		return nil
	}
	select {
	case <-arrived.reader.read:
	case <-s.ctx.Done():
	}
	return nil
}

// incomplete returns an error if a message has ended because its connection has:
// of a compressed one the library takes that for the end.
func (s *Session) incomplete() error {
	if s.conn.loss() != nil {
		return io.ErrUnexpectedEOF
	}
	return nil
}

var errNotUTF8 = fmt.Errorf("%w: the text is not UTF-8", ErrInvalidData)

// readAll reads a message into memory of just its size.
func (r *Sessions) readAll(data io.Reader) ([]byte, error) {
	buffer := r.getBuffer()
	defer r.putBuffer(buffer)
	if _, err := buffer.ReadFrom(data); err != nil {
		return nil, err
	}
	return bytes.Clone(buffer.Bytes()), nil
}

// getBuffer returns an empty buffer, which putBuffer keeps for others.
func (r *Sessions) getBuffer() *bytes.Buffer {
	if buffer, ok := r.buffers.Get().(*bytes.Buffer); ok {
		return buffer
	}
	return new(bytes.Buffer)
}

func (r *Sessions) putBuffer(buffer *bytes.Buffer) {
	if buffer.Cap() <= maxPooled {
		buffer.Reset()
		r.buffers.Put(buffer)
	}
}

// maxPooled is how large a buffer may be that is kept for other messages.
const maxPooled = 64 << 10

// A messageReader reads one message for the application.
type messageReader struct {
	session *Session
	data    io.Reader
	text    bool
	partial []byte        // the beginning of a letter, of text
	read    chan struct{} // closed at the end
	err     error         // what Read returns from now on, nil if it goes on
	bytes   int
}

func (r *messageReader) Read(p []byte) (int, error) {
	if r.err != nil || len(p) == 0 {
		return 0, r.err
	}
	n, err := r.next(p)
	r.bytes += n
	if invalid := r.validate(p[:n], errors.Is(err, io.EOF)); invalid != nil {
		n, err = 0, invalid
	}
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF):
		r.err = io.EOF
		r.session.received.add(r.bytes)
		r.session.inbox.receiving.unlock()
	default:
		r.err = r.session.lose(opReceive, err)
	}
	close(r.read)
	return n, r.err
}

// next reads on. While nobody does, the rest of the message is held, and so it is
// no more at its end.
func (r *messageReader) next(p []byte) (int, error) {
	held := &r.session.inbox.held
	held.Add(1)
	n, err := r.data.Read(p)
	if errors.Is(err, io.EOF) {
		if cut := r.session.incomplete(); cut != nil {
			err = cut
		}
	}
	if err == nil {
		held.Add(1)
	}
	return n, err
}

// validate returns an error if text is not UTF-8. A letter may be split.
func (r *messageReader) validate(p []byte, last bool) error {
	if !r.text {
		return nil
	}
	text := p
	if len(r.partial) > 0 {
		text = append(r.partial, p...)
	}
	for len(text) > 0 {
		letter, size := utf8.DecodeRune(text)
		if letter != utf8.RuneError || size != 1 {
			text = text[size:]
			continue
		}
		if !last && !utf8.FullRune(text) {
			break
		}
		return errNotUTF8
	}
	r.partial = append(r.partial[:0:0], text...)
	return nil
}

// isCorrupt reports whether compressed data cannot be read.
func isCorrupt(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt) || errors.Is(err, ErrInvalidData)
}
