package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// An Incoming is a request body on its way to the handler: what receive hooks
// see and may change. It belongs to the call's goroutine.
//
// Ktor: the subject of ApplicationReceivePipeline.
type Incoming struct {
	// Target is the pointer that the handler passed to Receive.
	Target any
	// Body is the request's body. A hook may replace it. It is limited, see
	// [Call.BodyLimit], behind the hooks of ReceiveBefore, so that the limit
	// counts decoded bytes.
	Body io.Reader
	// Done says that Target has been filled. A hook in [ReceiveTransform] sets
	// it; later ones are not asked.
	Done bool
}

// Gone reports whether the body was received before and no hook has put it
// back: reading Body fails with [ErrReceived]. A hook that changes bodies
// leaves one alone that is gone.
func (in *Incoming) Gone() bool {
	_, gone := in.Body.(alreadyReceived)
	return gone
}

// Receive reads the request's body as a T: text, bytes, an io.Reader, or
// anything that an installed plugin can read. See [Call.Receive].
//
// Ktor: call.receive<T>().
func Receive[T any](c *Call) (T, error) {
	var value T
	err := c.Receive(&value)
	return value, err
}

// Receive reads the request's body into target: a *string, a *[]byte, a
// *io.Reader, or a pointer to anything that an installed plugin can read. What
// none can read is an [Error] with 415; where no plugin reads anything, it is
// the server's own mistake, and 500. A body over [Call.BodyLimit] is answered
// with 413, and one that breaks off or breaks the rules of HTTP with 400; a
// reader is neither limited nor looked at. A body can be received once, unless a
// plugin gives it back or has only looked at it, by [Call.Preview]; and not when
// something has read Request.Body to its end before: see [ErrReceived].
func (c *Call) Receive(target any) error {
	in := &Incoming{Target: target, Body: c.unreceived()}
	c.body = bodyReceived
	if err := c.runReceive(ReceiveBefore, in); err != nil {
		return err
	}
	if gone, ok := in.Body.(alreadyReceived); ok {
		return fmt.Errorf("receive: %w", gone.why)
	}
	raw, isReader := target.(*io.Reader)
	if limit, _ := c.BodyLimit(); limit > 0 && !isReader {
		in.Body = http.MaxBytesReader(c.wire.Server(), io.NopCloser(in.Body), limit)
	}
	if err := c.runReceive(ReceiveTransform, in); err != nil {
		return err
	}
	if !in.Done {
		if isReader {
			*raw, in.Done = in.Body, true
		} else if err := in.read(c); err != nil {
			return fmt.Errorf("receive: %w", err)
		}
	}
	return c.runReceive(ReceiveAfter, in)
}

func (c *Call) runReceive(step ReceiveStep, in *Incoming) error {
	for _, hook := range c.Endpoint().receive[step] {
		if step == ReceiveTransform && in.Done {
			return nil
		}
		if err := hook(c, in); err != nil {
			return fmt.Errorf("receive: %w", err)
		}
	}
	return nil
}

// ReceiveText returns the request's body as text. A Content-Type that cannot be
// read is an [Error] with 400, and one with a charset other than UTF-8 or ASCII
// one with 415. See [Call.Receive] for limits and other errors.
//
// Ktor: receiveText.
func (c *Call) ReceiveText() (string, error) { return Receive[string](c) }

// ReceiveBytes returns the request's body. See [Call.Receive] for limits and
// errors.
func (c *Call) ReceiveBytes() ([]byte, error) { return Receive[[]byte](c) }

// read fills the targets that need no plugin.
func (in *Incoming) read(c *Call) error {
	switch target := in.Target.(type) {
	case *string:
		if err := checkText(c.Request); err != nil {
			return err
		}
		data, err := io.ReadAll(in.Body)
		if err != nil {
			return unreadableBody("body", err)
		}
		*target = string(data)
	case *[]byte:
		data, err := io.ReadAll(in.Body)
		if err != nil {
			return unreadableBody("body", err)
		}
		*target = data
	default:
		return c.unread(target)
	}
	in.Done = true
	return nil
}

// checkText refuses what cannot be read as text.
func checkText(r *http.Request) error {
	_, parameters, err := mediaType(r)
	if err != nil {
		return err
	}
	switch strings.ToLower(parameters["charset"]) {
	case "", "utf-8", "utf8", "us-ascii":
		return nil
	default:
		return NewError(http.StatusUnsupportedMediaType, "the charset is not UTF-8")
	}
}

// mediaType returns the type of the request's body and its parameters, "" if
// none is given, and an [Error] with 400 if it cannot be read.
func mediaType(r *http.Request) (string, map[string]string, error) {
	contentType := r.Header.Get("Content-Type")
	if contentType == "" {
		return "", nil, nil
	}
	name, parameters, err := mime.ParseMediaType(contentType)
	if err == nil && !strings.Contains(name, "/") { // which is a disposition, and no type
		err = fmt.Errorf("%q has no subtype", name)
	}
	if err != nil {
		return "", nil, &Error{Status: http.StatusBadRequest, Message: "the Content-Type cannot be read", Err: err}
	}
	return name, parameters, nil
}

// unreadableBody returns the error of a body that cannot be read: 400, which is
// the client's fault, unless err itself has an answer.
func unreadableBody(what string, err error) error {
	var coded interface{ StatusCode() int }
	if errors.As(err, &coded) || errors.As(err, new(*http.MaxBytesError)) {
		return err
	}
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, ErrStopping, http.ErrAbortHandler, http.ErrBodyReadAfterClose, ErrReceived} {
		if errors.Is(err, known) {
			return err
		}
	}
	return &Error{Status: http.StatusBadRequest, Message: "the " + what + " cannot be read", Err: err}
}
