package app

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// partHeadLimit is about how much may stand in front of a part: the boundary
// and its headers.
const partHeadLimit = 64 << 10

// fieldCost is what a field of a multipart form counts besides its name and its
// value: about what it takes on the wire.
const fieldCost = 100

// ReceiveForm returns the fields of a form, whether it was sent URL-encoded or
// as multipart; of the latter files and fields without a name are skipped.
// Another type is an [Error] with 415, a form that cannot be read one with 400,
// such as one with a semicolon that is not sent as %3B. Fields over
// [Call.BodyLimit] in all, or a file over [Config.PartLimit], are answered
// with 413.
//
// A form that a net/http middleware has parsed before, with the body that it
// came in, is returned as it was parsed, from Request.PostForm or
// Request.MultipartForm; what it may hold was then for the middleware to limit.
//
// Ktor: receiveParameters.
func (c *Call) ReceiveForm() (url.Values, error) {
	name, _, err := mediaType(c.Request)
	switch {
	case err != nil:
		return nil, fmt.Errorf("receive form: %w", err)
	case name == "application/x-www-form-urlencoded":
		text, err := c.ReceiveText()
		if parsed := c.Request.PostForm; errors.Is(err, ErrReceived) && len(parsed) > 0 {
			return cloned(parsed), nil
		}
		if err != nil {
			return nil, err
		}
		values, err := url.ParseQuery(text)
		if err != nil {
			return nil, &Error{Status: http.StatusBadRequest, Message: "the form cannot be read" + brokenPair(text, err), Err: err}
		}
		return values, nil
	case name == "multipart/form-data":
		return c.receiveMultipartForm()
	default:
		return nil, notA("form", c.Request)
	}
}

func (c *Call) receiveMultipartForm() (url.Values, error) {
	values := url.Values{}
	limit, _ := c.BodyLimit()
	left := limit
	for part, err := range c.ReceiveMultipart() {
		if parsed := c.Request.MultipartForm; errors.Is(err, ErrReceived) && parsed != nil && len(parsed.Value)+len(parsed.File) > 0 {
			return cloned(parsed.Value), nil
		}
		if err != nil {
			return nil, err
		}
		name := part.FormName()
		if name == "" || part.isFile() {
			continue
		}
		left -= int64(len(name)) + fieldCost
		var body io.Reader = part
		if limit > 0 {
			body = io.LimitReader(part, max(left, 0)+1)
		}
		data, err := io.ReadAll(body)
		if err != nil {
			return nil, fmt.Errorf("receive form: %w", err)
		}
		if left -= int64(len(data)); limit > 0 && left < 0 {
			return nil, fmt.Errorf("receive form: %w", &http.MaxBytesError{Limit: limit})
		}
		values.Add(name, string(data))
	}
	return values, nil
}

// brokenPair says what is wrong with a form, as far as that is about its text.
func brokenPair(text string, err error) string {
	if escape, ok := errors.AsType[url.EscapeError](err); ok {
		return ": " + escape.Error()
	}
	if strings.Contains(text, ";") {
		return ": a semicolon has to be sent as %3B"
	}
	return ""
}

// cloned returns a copy of a form that the caller may change.
func cloned(form map[string][]string) url.Values {
	values := make(url.Values, len(form))
	for name, texts := range form {
		values[name] = slices.Clone(texts)
	}
	return values
}

// A Part is one part of a multipart body, read as it arrives. It is good until
// the next one is asked for.
type Part struct {
	*multipart.Part

	source *partSource
	limit  int64 // of the part, 0 for none
	read   int64
}

// Read reads the part. Beyond [Config.PartLimit] it fails with an
// http.MaxBytesError, which is answered with 413, and where the body breaks off
// with an [Error] with 400.
func (p *Part) Read(buffer []byte) (int, error) {
	if p.limit > 0 && p.read > p.limit {
		return 0, &http.MaxBytesError{Limit: p.limit}
	}
	n, err := p.Part.Read(buffer)
	if p.read += int64(n); p.limit > 0 && p.read > p.limit {
		return n - int(p.read-p.limit), &http.MaxBytesError{Limit: p.limit}
	}
	if err != nil && err != io.EOF {
		return n, p.source.failure(err)
	}
	return n, err
}

// isFile reports whether the part is a file, as Ktor tells them apart: a file
// may have an empty name.
func (p *Part) isFile() bool {
	_, parameters, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	_, named := parameters["filename"]
	return err == nil && named
}

// ReceiveMultipart yields the parts of a multipart body in order, without
// keeping any. The file name that a client gives is hostile input. A part may
// have [Config.PartLimit] bytes, also one that nobody reads.
//
// A body of another type yields an [Error] with 415, one that cannot be read an
// Error with 400, and a part over the limit, or one whose headers have more
// than about 64 KiB, an http.MaxBytesError, which is answered with 413; after
// an error nothing more is yielded.
//
// Ktor: receiveMultipart.
func (c *Call) ReceiveMultipart() iter.Seq2[*Part, error] {
	return c.ReceiveMultipartLimit(c.Application().config.PartLimit)
}

// ReceiveMultipartLimit is [Call.ReceiveMultipart] with another limit on the
// bytes of a part; 0 accepts any length.
//
// Ktor: receiveMultipart with a formFieldLimit.
func (c *Call) ReceiveMultipartLimit(limit int64) iter.Seq2[*Part, error] {
	return func(yield func(*Part, error) bool) {
		name, parameters, err := mediaType(c.Request)
		if err != nil {
			yield(nil, fmt.Errorf("receive: %w", err))
			return
		}
		if !strings.HasPrefix(name, "multipart/") {
			yield(nil, notA("multipart body", c.Request))
			return
		}
		boundary := parameters["boundary"]
		if boundary == "" || len(boundary) > 70 {
			yield(nil, NewError(http.StatusBadRequest, "the multipart body has no usable boundary"))
			return
		}
		var body io.Reader
		if err := c.Receive(&body); err != nil {
			yield(nil, err)
			return
		}
		yieldParts(body, boundary, limit, yield)
	}
}

func yieldParts(body io.Reader, boundary string, limit int64, yield func(*Part, error) bool) {
	source := &partSource{body: body}
	reader := multipart.NewReader(source, boundary)
	for {
		source.head, source.left = true, partHeadLimit
		next, err := reader.NextPart()
		if err == io.EOF && source.err == nil {
			return
		}
		if errors.Is(err, multipart.ErrMessageTooLarge) { // by the number of headers
			err = &http.MaxBytesError{Limit: partHeadLimit}
		}
		if err != nil {
			yield(nil, fmt.Errorf("receive: %w", source.failure(err)))
			return
		}
		source.head = false
		part := &Part{Part: next, source: source, limit: limit}
		if !yield(part, nil) {
			return
		}
		if _, err := io.Copy(io.Discard, part); err != nil { // what was not read counts as well
			yield(nil, fmt.Errorf("receive: %w", err))
			return
		}
	}
}

// partSource is a multipart body, limited while the head of a part is read. It
// remembers why the body could not be read: what reads a head takes a line that
// breaks off for one that is wrong, or for the end. Only the last boundary is
// that, with or without the end of its line; any other end is unexpected.
type partSource struct {
	body  io.Reader
	ended bool // what is left of body is the end of a line
	head  bool
	left  int   // of the head
	err   error // of body
}

func (s *partSource) Read(p []byte) (n int, err error) {
	switch {
	case !s.head:
		n, err = s.body.Read(p)
	case s.left <= 0:
		err = &http.MaxBytesError{Limit: partHeadLimit}
	default:
		n, err = s.body.Read(p[:min(len(p), s.left)])
		s.left -= n
	}
	if err == io.EOF && !s.ended {
		s.body, s.ended = strings.NewReader("\r\n"), true
		return n, nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		s.err = err
	}
	return n, err
}

// failure returns the error of a multipart body whose reader has failed.
func (s *partSource) failure(err error) error {
	if s.err != nil {
		err = s.err
	}
	return unreadableBody("multipart body", err)
}

// notA is the error of a body that has another type.
func notA(what string, r *http.Request) *Error {
	return &Error{Status: http.StatusUnsupportedMediaType, Err: fmt.Errorf("receive: %q is not the type of a %s", r.Header.Get("Content-Type"), what)}
}
