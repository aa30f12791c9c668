package app

import (
	"bytes"
	"io"
	"net/http"
)

// Preview runs look, which may receive the body of the request, and then puts the
// body back, so that it can be received once more, from its start. It is for what
// has to see a body in front of the handler, such as a login by form, and needs no
// plugin. It returns what look does.
//
// What look reads is kept in memory. More than [Call.BodyLimit] bytes, as they
// arrive, are not read: look gets an http.MaxBytesError, which is answered with
// 413. A body that was received, or read by somebody else, before Preview is none
// that can be put back, and look finds it gone.
func (c *Call) Preview(look func() error) error {
	before := c.body
	if before == bodyReceived || before == bodyThere && c.bodyWasRead() {
		return look()
	}
	original := c.Request.Body
	if original == nil || original == http.NoBody {
		defer func() { c.body = before }()
		return look()
	}
	limit, _ := c.BodyLimit()
	seen := &seenBody{ReadCloser: original, limit: limit}
	c.Request.Body = seen
	defer func() {
		seen.over = true
		if c.Request.Body == seen { // or a plugin has put there what it keeps itself
			c.Request.Body = seen.again()
		}
		c.body = bodyPutBack
	}()
	return look()
}

// A seenBody is a body that keeps what is read of it.
type seenBody struct {
	io.ReadCloser

	limit int64 // of what is kept, 0 for none
	kept  []byte
	over  bool // nothing more is kept
}

func (s *seenBody) Read(p []byte) (int, error) {
	if s.over {
		return s.ReadCloser.Read(p)
	}
	if s.limit > 0 {
		left := s.limit - int64(len(s.kept))
		if left < 0 {
			return 0, &http.MaxBytesError{Limit: s.limit}
		}
		if int64(len(p)) > left+1 {
			p = p[:left+1]
		}
	}
	n, err := s.ReadCloser.Read(p)
	s.kept = append(s.kept, p[:n]...)
	if s.limit > 0 && int64(len(s.kept)) > s.limit {
		return n - 1, &http.MaxBytesError{Limit: s.limit}
	}
	return n, err
}

// again returns the body from its start: what was read of it, and the rest.
func (s *seenBody) again() io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(s.kept), s.ReadCloser), s.ReadCloser}
}
