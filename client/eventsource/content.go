package eventsource

import (
	"bufio"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// content is the body of a response as it was before anybody encoded it: a
// proxy may compress what was asked for as it is.
type content struct {
	body      body
	coding    string    // of the body; empty if there is none
	reader    io.Reader // nil before the first read
	delivered bool      // whether anything has come
}

// newContent returns the content of a response, and whether its coding is one
// that can be read. If not, the content is the body as it is.
func newContent(response *http.Response) (c *content, readable bool) {
	c = &content{body: body{source: response.Body}}
	for coding := range httpheader.Elements(response.Header.Values("Content-Encoding")) {
		switch coding = strings.ToLower(coding); {
		case coding == "identity":
		case c.coding == "" && (coding == "gzip" || coding == "x-gzip"):
			c.coding = "gzip"
		case c.coding == "" && coding == "deflate":
			c.coding = coding
		default: // also a second one: nobody compresses twice
			c.coding = ""
			return c, false
		}
	}
	return c, true
}

// Read returns what has arrived, without waiting for more. A body that is not
// what its coding says fails with a [*codingError].
func (c *content) Read(p []byte) (int, error) {
	if c.reader == nil {
		reader, err := c.open()
		if err != nil {
			return 0, c.explain(err)
		}
		c.reader = reader
	}
	n, err := c.reader.Read(p)
	c.delivered = c.delivered || n > 0
	return n, c.explain(err)
}

// drain reads what follows the last event, most often nothing but the end, and
// waits no longer for it than is worth while.
func (c *content) drain(cancel context.CancelCauseFunc) {
	timer := time.AfterFunc(lastWait, func() { cancel(nil) })
	defer timer.Stop()
	_, _ = io.CopyN(io.Discard, c, lastBytes) // the answer is whole, whatever comes
}

// open waits for the first bytes of a body with a coding.
func (c *content) open() (io.Reader, error) {
	switch c.coding {
	case "gzip":
		return newMembers(&c.body)
	case "deflate":
		return zlib.NewReader(&c.body)
	}
	return &c.body, nil
}

// explain tells a body that is not what its coding says from one that has
// broken off.
func (c *content) explain(err error) error {
	if err == nil || err == io.EOF || c.coding == "" || c.body.broken || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return &codingError{c.coding, err}
}

// codingError reports a body that is not what its Content-Encoding says. To ask
// again is of no use.
type codingError struct {
	coding string
	err    error
}

func (e *codingError) Error() string {
	return fmt.Sprintf("the body is not in the content coding %s: %v", e.coding, e.err)
}

func (e *codingError) Unwrap() error { return e.err }

// members reads gzip, of any number of members. The reader of compress/gzip
// waits for the head of the next one before it gives out the end of one.
type members struct {
	source *bufio.Reader // which no member reads ahead of
	member *gzip.Reader
	ended  bool // the member
}

func newMembers(body io.Reader) (*members, error) {
	source := bufio.NewReader(body)
	member, err := gzip.NewReader(source)
	if err != nil {
		return nil, err
	}
	member.Multistream(false)
	return &members{source: source, member: member}, nil
}

func (m *members) Read(p []byte) (int, error) {
	for {
		if m.ended {
			if err := m.member.Reset(m.source); err != nil {
				return 0, err
			}
			m.member.Multistream(false)
			m.ended = false
		}
		n, err := m.member.Read(p)
		if err == io.EOF {
			m.ended, err = true, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// body is the body of a response, whose reads are timed.
type body struct {
	source  io.Reader
	broken  bool      // it has failed otherwise than by its end
	silence *patience // with a server that sends nothing
	quiet   *patience // with one that sends no event
}

func (b *body) Read(p []byte) (int, error) {
	b.silence.wait()
	b.quiet.wait()
	n, err := b.source.Read(p)
	b.silence.stop()
	b.quiet.stop()
	b.silence.renew()
	b.broken = err != nil && err != io.EOF
	return n, err
}
