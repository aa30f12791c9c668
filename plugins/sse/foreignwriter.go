package sse

import (
	"errors"
	"fmt"
	"net/http"
)

// errForeign is why nothing can be put into a stream that was adopted.
var errForeign = errors.New("the stream is written by a handler of its own, which was adopted")

// byteOrderMark may be the first thing in a stream, and is a part of the first
// line anywhere else (HTML standard, section 9.2.6).
const byteOrderMark = "\xef\xbb\xbf"

// A foreignWriter is the writer of a pen whose text is that of a foreign handler.
// It belongs to the holder of sending.
type foreignWriter struct {
	http.ResponseWriter
	text    boundary
	mark    int  // how many bytes of a mark at the start have come, which are held back
	begun   bool // the start is over
	pending bool // something was written since the last flush
}

// Unwrap returns the writer below, which can flush.
func (f *foreignWriter) Unwrap() http.ResponseWriter { return f.ResponseWriter }

// foreign returns the writer of a stream that was adopted, nil of any other, and
// when it is over. The caller holds sending.
func (p *pen) foreign() *foreignWriter {
	f, _ := p.writer.(*foreignWriter)
	return f
}

// puttable returns an error if no event can be put into the stream any more, or at
// no time, since a foreign handler writes it. The caller holds sending.
func (p *pen) puttable(operation string) error {
	if p.foreign() != nil {
		return fmt.Errorf("%s: %w", operation, errForeign)
	}
	return p.over(operation)
}

// isBetween reports whether a beat may be written: at any time in a stream of our
// own. The caller holds sending.
func (p *pen) isBetween() bool {
	f := p.foreign()
	return f == nil || f.text.between()
}

// cutMark takes a mark off the start of a text. It returns what of the start is to
// be written, and the text behind it. Where something was sent before the mark, it
// would spoil the first event.
func (f *foreignWriter) cutMark(text []byte, sent bool) (start string, rest []byte) {
	if f.begun {
		return "", text
	}
	for len(text) > 0 && f.mark < len(byteOrderMark) && text[0] == byteOrderMark[f.mark] {
		f.mark++
		text = text[1:]
	}
	if len(text) == 0 && f.mark < len(byteOrderMark) {
		return "", nil
	}
	f.begun = true
	if f.mark == len(byteOrderMark) && sent {
		return "", text
	}
	return byteOrderMark[:f.mark], text
}

// passOn writes text of the foreign handler.
func (s *Session) passOn(text []byte) error {
	s.sending.Lock()
	defer s.sendDueAndUnlock()
	if err := s.muted(); err != nil {
		return err
	}
	f := s.foreign()
	start, text := f.cutMark(text, s.bytes.Load() > 0)
	return s.passPieces(f, start, text)
}

// passPieces writes what the foreign handler has written, of which start was held
// back. The caller holds sending.
func (s *Session) passPieces(f *foreignWriter, start string, text []byte) error {
	if len(start) < len(byteOrderMark) { // it is no mark, but the beginning of a line
		f.text.pass([]byte(start))
	}
	events := f.text.pass(text)
	for _, part := range [...][]byte{[]byte(start), text} {
		if err := s.writePieces(part); err != nil {
			return s.loseForeign(err)
		}
	}
	f.pending = true
	s.written.finish(s.age())
	s.events.Add(int64(events))
	s.bytes.Add(int64(len(start) + len(text)))
	return nil
}

// flushForeign sends on what the foreign handler has written. A flush without
// anything to send is no activity, so that the heartbeat goes on.
func (s *Session) flushForeign() error {
	s.sending.Lock()
	defer s.sendDueAndUnlock()
	if err := s.muted(); err != nil {
		return err
	}
	f := s.foreign()
	if f.pending {
		s.written.begin(s.age())
	}
	if err := http.NewResponseController(f.ResponseWriter).Flush(); err != nil {
		return s.loseForeign(err)
	}
	if f.pending {
		f.pending = false
		s.written.finish(s.age())
	}
	return nil
}

// endForeign writes what is held back when the handler has returned.
func (s *Session) endForeign() error {
	s.sending.Lock()
	defer s.sendDueAndUnlock()
	f := s.foreign()
	if f.begun || s.muted() != nil {
		return nil
	}
	return s.passPieces(f, byteOrderMark[:f.mark], nil)
}

// loseForeign ends the session because text cannot leave, unless it has ended, and
// returns what the handler gets.
func (s *Session) loseForeign(err error) error {
	s.cancel(s.lost(err))
	return fmt.Errorf("%w: %w", s.over("write to an event stream"), err)
}
