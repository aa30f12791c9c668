package websockets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// ErrInvalidMessage is returned for a message that cannot be sent: text that is
// not UTF-8, or a kind that is none. Nothing is sent, and the session lasts.
var ErrInvalidMessage = errors.New("invalid message")

// Send sends one message. It returns when the message was handed to the network,
// or with an error that wraps the cause for which the session has ended. One that
// cannot be sent is refused with [ErrInvalidMessage]. A client that does not take
// it within the WriteTimeout of [Config] is cut off. Data is not kept.
//
// Ktor: send.
func (s *Session) Send(message Message) error {
	if err := message.check(); err != nil {
		return err
	}
	return s.send(message.Kind, message.Data)
}

// SendText sends a message of text.
func (s *Session) SendText(text string) error {
	return s.Send(Message{Text, []byte(text)})
}

// SendBinary sends a message of bytes.
func (s *Session) SendBinary(data []byte) error { return s.send(Binary, data) }

// check returns why a message cannot be sent.
func (m Message) check() error {
	switch {
	case m.Kind != Text && m.Kind != Binary:
		return fmt.Errorf("%w: the kind %d is neither Text nor Binary", ErrInvalidMessage, m.Kind)
	case m.Kind == Text && !utf8.Valid(m.Data):
		return fmt.Errorf("%w: the text is not UTF-8", ErrInvalidMessage)
	default:
		return nil
	}
}

const opSend = "send message"

func (s *Session) send(kind Kind, data []byte) error {
	if !s.sending.lock(s.ctx) {
		return s.over(opSend)
	}
	defer s.sending.unlock()
	if err := s.socket.Write(context.Background(), websocket.MessageType(kind), data); err != nil {
		return s.loseSending(err)
	}
	s.sent.add(len(data))
	return nil
}

// Writer begins a message that is sent in fragments: each Write of the writer
// sends one, with an empty one at the end when it is closed. Whoever has the
// writer closes it; until then all others that send wait. It may be used from one
// goroutine at a time, and fails when the session is over. Of text that is not
// UTF-8 it sends what it is given: the client closes the connection.
//
// Ktor: Frame with fin = false.
func (s *Session) Writer(kind Kind) (io.WriteCloser, error) {
	if err := (Message{Kind: kind}).check(); err != nil {
		return nil, err
	}
	if !s.sending.lock(s.ctx) {
		return nil, s.over(opSend)
	}
	fragments, err := s.socket.Writer(context.Background(), websocket.MessageType(kind))
	if err != nil {
		s.sending.unlock()
		return nil, s.loseSending(err)
	}
	return &messageWriter{session: s, fragments: fragments}, nil
}

// A messageWriter sends a message in fragments.
type messageWriter struct {
	session   *Session
	fragments io.WriteCloser // nil when the writer is closed
	sent      int
}

var errWriterClosed = errors.New(opSend + ": the writer is closed")

func (w *messageWriter) Write(fragment []byte) (int, error) {
	if w.fragments == nil {
		return 0, errWriterClosed
	}
	if err := w.session.over(opSend); err != nil {
		return 0, err
	}
	n, err := w.fragments.Write(fragment)
	w.sent += n
	if err != nil {
		return n, w.session.loseSending(err)
	}
	return n, nil
}

func (w *messageWriter) Close() error {
	if w.fragments == nil {
		return errWriterClosed
	}
	defer w.session.sending.unlock()
	fragments := w.fragments
	w.fragments = nil
	if err := w.session.over(opSend); err != nil {
		return err
	}
	if err := fragments.Close(); err != nil {
		return w.session.loseSending(err)
	}
	w.session.sent.add(w.sent)
	return nil
}

// loseSending ends the session because a frame could not be sent, and returns what
// sending returns from now on. If the library has closed the connection, or has
// sent a close frame, whoever has made it do so says why: whoever reads, or pings.
func (s *Session) loseSending(err error) error {
	if errors.Is(err, net.ErrClosed) {
		<-s.ctx.Done()
	}
	return s.lose(opSend, err)
}

// lose ends the session because a frame could not be sent or received, and
// returns what operations return from now on.
func (s *Session) lose(operation string, err error) error {
	s.cancel(s.lossOf(err))
	return s.over(operation)
}

// lossOf returns the cause for which a session ends when the library returns
// err.
func (s *Session) lossOf(err error) error {
	var closed websocket.CloseError
	if errors.Is(err, net.ErrClosed) {
		s.conn.givenUp() // the library is about to close it
	}
	switch {
	case errors.As(err, &closed):
		s.setReason(CloseReason{CloseCode(closed.Code), closed.Reason})
		return ErrClientClosed
	case errors.Is(err, websocket.ErrMessageTooBig):
		return fmt.Errorf("%w: it has more than the %d bytes of MaxMessageSize", ErrTooBig, s.shared.config.MaxMessageSize)
	case s.conn.loss() != nil:
		return fmt.Errorf("%w: %w", s.conn.loss(), err)
	case errors.Is(err, context.DeadlineExceeded): // an answer to a ping could not leave
		return fmt.Errorf("%w: %w", ErrWriteTimeout, err)
	case isCorrupt(err):
		return fmt.Errorf("%w: %w", ErrInvalidData, err)
	default:
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
}
