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
)

// ReceiveForm returns the fields of a form, whether it was sent URL-encoded or as multipart; files are skipped. It
// answers to Ktor's receiveParameters. Another type is an [Error] with 415, a form that cannot be read one with 400, and
// one over [Config.BodyLimit] one with 413.
func (c *Call) ReceiveForm() (url.Values, error) {
	switch mediaType, _, err := mime.ParseMediaType(c.Request.Header.Get("Content-Type")); {
	case mediaType == "application/x-www-form-urlencoded" && err == nil:
		text, err := c.ReceiveText()
		if err != nil {
			return nil, err
		}
		values, err := url.ParseQuery(text)
		if err != nil {
			return nil, &Error{Status: http.StatusBadRequest, Message: "the form cannot be read", Err: err}
		}
		return values, nil
	case mediaType == "multipart/form-data":
		return c.receiveMultipartForm()
	default:
		return nil, notA("form", c.Request)
	}
}

func (c *Call) receiveMultipartForm() (url.Values, error) {
	values := url.Values{}
	left := c.app.config.BodyLimit
	for part, err := range c.ReceiveMultipart() {
		if err != nil {
			return nil, err
		}
		if part.FileName() != "" {
			continue
		}
		var body io.Reader = part
		if c.app.config.BodyLimit > 0 {
			body = io.LimitReader(part, left+1)
		}
		data, err := io.ReadAll(body)
		if err != nil {
			return nil, fmt.Errorf("receive form: %w", err)
		}
		if left -= int64(len(data)); c.app.config.BodyLimit > 0 && left < 0 {
			return nil, fmt.Errorf("receive form: %w", &http.MaxBytesError{Limit: c.app.config.BodyLimit})
		}
		values.Add(part.FormName(), string(data))
	}
	return values, nil
}

// A Part is one part of a multipart body, read as it arrives. It is good until the next one is asked for.
type Part struct {
	*multipart.Part

	limit int64 // of the part, 0 for none
	read  int64
}

// Read reads the part. Beyond [Config.PartLimit] it fails with an http.MaxBytesError, which is answered with 413.
func (p *Part) Read(buffer []byte) (int, error) {
	if p.limit > 0 && p.read > p.limit {
		return 0, &http.MaxBytesError{Limit: p.limit}
	}
	n, err := p.Part.Read(buffer)
	if p.read += int64(n); p.limit > 0 && p.read > p.limit {
		return n - int(p.read-p.limit), &http.MaxBytesError{Limit: p.limit}
	}
	return n, err
}

// ReceiveMultipart yields the parts of a multipart body in order, without keeping any. The file name that a client gives
// is hostile input. PartLimit, if given, takes the place of [Config.PartLimit]. It answers to Ktor's receiveMultipart. A body
// of another type yields an [Error] with 415, one that cannot be read an Error with 400; after an
// error nothing more is yielded.
func (c *Call) ReceiveMultipart(partLimit ...int64) iter.Seq2[*Part, error] {
	limit := c.app.config.PartLimit
	if len(partLimit) > 0 {
		limit = partLimit[0]
	}
	return func(yield func(*Part, error) bool) {
		mediaType, parameters, err := mime.ParseMediaType(c.Request.Header.Get("Content-Type"))
		if err != nil || mediaType != "multipart/form-data" && mediaType != "multipart/mixed" {
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
		reader := multipart.NewReader(body, boundary)
		for {
			part, err := reader.NextPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, unreadableBody("multipart body", err))
				return
			}
			if !yield(&Part{Part: part, limit: limit}, nil) {
				return
			}
		}
	}
}

// notA is the error of a body that has another type.
func notA(what string, r *http.Request) *Error {
	return &Error{Status: http.StatusUnsupportedMediaType, Err: fmt.Errorf("receive: %q is not the type of a %s", r.Header.Get("Content-Type"), what)}
}

// unreadableBody keeps the status of an error that has one, and is 400 for any other.
func unreadableBody(what string, err error) error {
	if errors.As(err, new(*http.MaxBytesError)) {
		return fmt.Errorf("receive: %w", err)
	}
	return &Error{Status: http.StatusBadRequest, Message: "the " + what + " cannot be read", Err: err}
}
