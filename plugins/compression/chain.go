package compression

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/chitor-go/chitor/app"
)

// A decoder is a coding that the bodies of requests may have, with the stages
// that wait for the next body.
type decoder struct {
	name      string
	newReader func() (Reader, error)
	stages    sync.Pool // of *stage
}

// take returns a stage that decodes what it reads from source, at most limit
// bytes if that is positive.
func (d *decoder) take(source io.Reader, limit int64) (*stage, error) {
	s, _ := d.stages.Get().(*stage)
	if s == nil {
		reader, err := d.newReader()
		if err != nil {
			return nil, &app.Error{Status: http.StatusInternalServerError, Err: fmt.Errorf("compression: open %s reader: %w", d.name, err)}
		}
		s = &stage{decoder: d, reader: reader}
		s.input = bufio.NewReader(&s.feed)
	}
	s.feed.Reader, s.limit, s.left = source, limit, limit
	return s, nil
}

// A stage takes one coding off a body, for the handler or the next stage. It is
// kept with its reader for other bodies, unless the reader has failed.
type stage struct {
	decoder *decoder
	reader  Reader
	input   *bufio.Reader // of the feed
	feed    feed
	begun   bool
	broken  bool // the reader has failed
	limit   int64
	left    int64 // of the limit
	err     error // how it has ended
}

// feed is what a stage decodes. How it ends is remembered: readers look ahead,
// and what could not be read at all must not be taken for something that could
// not be decoded.
type feed struct {
	io.Reader

	err error
}

func (f *feed) Read(p []byte) (n int, err error) {
	if f.err == nil {
		n, f.err = f.Reader.Read(p)
	}
	return n, f.err
}

func (s *stage) Read(p []byte) (n int, err error) {
	if s.err == nil && len(p) > 0 {
		n, s.err = s.decode(p)
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

// failure returns what the body fails with when its reader has.
func (s *stage) failure(err error) error {
	s.broken = true
	if s.feed.err != nil && !errors.Is(s.feed.err, io.EOF) {
		return s.feed.err
	}
	return &app.Error{
		Status:  http.StatusBadRequest,
		Message: "the body cannot be decoded as " + s.decoder.name,
		Err:     fmt.Errorf("decode %s body: %w", s.decoder.name, err),
	}
}

// release lets other bodies have the stage. It holds nothing of this one then
// but what its reader will forget.
func (s *stage) release() {
	if s.broken {
		return
	}
	s.feed = feed{}
	s.input.Reset(&s.feed)
	s.begun, s.err = false, nil
	s.decoder.stages.Put(s)
}
