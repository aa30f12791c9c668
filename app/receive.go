package app

import (
	"fmt"
	"io"
	"net/http"
)

// An Incoming is a request body on its way to the handler: what receive hooks see and may change. It belongs
// to the call's goroutine.
type Incoming struct {
	// Target is the pointer that the handler passed to Receive.
	Target any
	// Body is the request's body, limited to [Config.BodyLimit]. A hook may replace it.
	Body io.Reader
	// Done says that Target has been filled. A hook in [ReceiveTransform] sets it; later ones are not asked.
	Done bool
}

// Receive reads the request's body into target: a *string, a *[]byte, or a pointer to anything that an installed
// plugin can read; what nobody can read is an [Error] with 415. A body over the limit is
// answered with 413. It answers to Ktor's receive. A body can be received once.
func (c *Call) Receive(target any) error {
	if c.received {
		return fmt.Errorf("receive: %w", ErrReceived)
	}
	c.received = true
	in := &Incoming{Target: target, Body: c.Request.Body}
	if limit := c.app.config.BodyLimit; limit > 0 {
		in.Body = http.MaxBytesReader(c.server, c.Request.Body, limit)
	}
	for step := range c.endpoint.receive {
		for _, hook := range c.endpoint.receive[step] {
			if ReceiveStep(step) == ReceiveTransform && in.Done {
				break
			}
			if err := hook(c, in); err != nil {
				return fmt.Errorf("receive: %w", err)
			}
		}
		if ReceiveStep(step) == ReceiveTransform && !in.Done {
			if err := in.read(); err != nil {
				return fmt.Errorf("receive: %w", err)
			}
		}
	}
	return nil
}

// ReceiveText returns the request's body as text in UTF-8. It answers to Ktor's receiveText.
func (c *Call) ReceiveText() (string, error) {
	var text string
	err := c.Receive(&text)
	return text, err
}

// read fills the targets that need no plugin.
func (in *Incoming) read() error {
	switch target := in.Target.(type) {
	case *string:
		data, err := io.ReadAll(in.Body)
		if err != nil {
			return err
		}
		*target = string(data)
	case *[]byte:
		data, err := io.ReadAll(in.Body)
		if err != nil {
			return err
		}
		*target = data
	default:
		return &Error{Status: http.StatusUnsupportedMediaType, Err: fmt.Errorf("nothing reads a body into %T", target)}
	}
	in.Done = true
	return nil
}
