package compression

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/chitor-go/chitor/app"
)

// A stage decodes one coding of a body, for the handler or the next stage. It
// is kept with its reader for other bodies, unless the reader has failed or
// panicked, or holds much.
type stage struct {
	decoder *decoder
	reader  Reader
	input   *bufio.Reader // of the feed
	feed    feed
	held    int64 // bytes of memory, which are taken from the budget while a body is decoded
	begun   bool  // the reader has been bound to the input
	broken  bool  // the reader has failed
	reading bool  // it is at work, or has panicked
	limit   int64 // for the decoded bytes; 0 or less: no limit
	left    int64 // of the limit
	err     error // how the decoded bytes have ended
}

// A feed is what a stage decodes. It remembers how it has ended: readers look
// ahead, and an input that could not be read must not be taken for one that
// could not be decoded.
type feed struct {
	io.Reader

	err error // of Reader
}

func (f *feed) Read(p []byte) (n int, err error) {
	if f.err == nil {
		n, f.err = f.Reader.Read(p)
	}
	return n, f.err
}

func (s *stage) Read(p []byte) (n int, err error) {
	if s.err == nil && len(p) > 0 {
		s.reading = true
		n, s.err = s.decode(p)
		s.reading = false
	}
	return n, s.err
}

func (s *stage) decode(p []byte) (int, error) {
	if !s.begun {
		s.begun = true
		if _, err := s.input.Peek(1); err != nil {
			return 0, err // a body of no bytes has no coding either
		}
		if err := s.reader.Reset(s.input); err != nil {
			return 0, s.failure(unexpected(err))
		}
	}
	if s.limit > 0 && int64(len(p))-1 > s.left {
		p = p[:s.left+1] // one more shows that there is more
	}
	n, err := s.reader.Read(p)
	if s.limit > 0 && int64(n) > s.left {
		n = int(s.left)
		err = fmt.Errorf("decoded %s body: %w", s.decoder.name, &http.MaxBytesError{Limit: s.limit})
		s.left = 0
		return n, err
	}
	s.left -= int64(n)
	switch {
	case err == nil:
		return n, nil
	case !errors.Is(err, io.EOF):
		return n, s.failure(err)
	}
	if _, err := s.input.Peek(1); err != nil {
		return n, err // io.EOF, if all is well
	}
	return n, s.failure(errors.New("something follows the end"))
}

// hold takes from the budget what the reader will hold beyond what it has
// already.
func (s *stage) hold(bytes int64) error {
	bytes += readerMemory // its input's buffer, and whatever else
	more := bytes - s.held
	if more <= 0 {
		return nil
	}
	if !s.decoder.budget.take(more) {
		return s.decoder.budget.full
	}
	s.held = bytes
	return nil
}

// failure returns the error of the body when its reader has failed.
func (s *stage) failure(err error) error {
	s.broken = true
	if s.feed.err != nil && !errors.Is(s.feed.err, io.EOF) {
		return s.feed.err
	}
	if full := s.decoder.budget.full; errors.Is(err, full) {
		return full
	}
	return &app.Error{
		Status:  http.StatusBadRequest,
		Message: "the body cannot be decoded as " + s.decoder.name,
		Err:     fmt.Errorf("decode %s body: %w", s.decoder.name, err),
	}
}

// release lets other bodies have the stage. Of this one it then holds nothing
// but what its reader forgets at the next Reset.
func (s *stage) release() {
	s.decoder.budget.giveBack(s.held)
	if s.broken || s.reading || s.held > keptMemory {
		return
	}
	s.feed = feed{}
	s.input.Reset(&s.feed)
	s.begun, s.err = false, nil
	s.decoder.stages.Put(s)
}
