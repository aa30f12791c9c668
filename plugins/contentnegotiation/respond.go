package contentnegotiation

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// respond is the hook that converts a value to the body that the client
// prefers. A value that no converter supports stays a value, and the
// application responds with 406.
func (n *negotiator) respond(c *app.Call, out *app.Outgoing) error {
	if !isValue(out) || n.ignores(reflect.TypeOf(out.Value)) {
		return nil
	}
	negotiable := !isErrorPage(c, out)
	accept := n.accept(c)
	candidates, err := n.candidates(accept)
	if text := isText(out.Value); !negotiable && !text {
		candidates = n.others(candidates)
	} else if err != nil {
		if text {
			return nil // it can be sent as it is
		}
		return err
	}
	if n.varies {
		httpheader.AddVary(out.Header, "Accept")
	}
	for _, candidate := range candidates {
		body, err := candidate.converter.Serialize(candidate.header, out.Value)
		if errors.Is(err, ErrUnsupported) {
			continue
		}
		if err != nil {
			return fmt.Errorf("serialize %T as %s: %w", out.Value, candidate.mediaType, err)
		}
		out.Value = body
		if out.Header["Content-Type"] == nil {
			out.Header.Set("Content-Type", candidate.header)
		}
		if !negotiable {
			return nil
		}
		return n.comply(accept, out.Header.Get("Content-Type"))
	}
	return nil
}

// isErrorPage reports whether out tells what went wrong. It is sent whatever
// the client accepts, as RFC 9110 section 12.4.1 allows: an EventSource accepts
// nothing but a stream, and what it has to learn is the status, which 406 or
// 500 in its place would hide.
func isErrorPage(c *app.Call, out *app.Outgoing) bool {
	return out.Status >= http.StatusBadRequest || c.Failure() != nil
}

// isValue reports whether out holds a value, nil included, and neither a body
// nor something that the application makes a body of.
func isValue(out *app.Outgoing) bool {
	switch out.Value.(type) {
	case app.Status, app.Stream, io.Reader:
		return false
	case nil:
		body, known := out.Bytes()
		return known && body == nil
	default:
		return true
	}
}

// isText reports whether the application can send a value by itself.
func isText(value any) bool {
	switch value.(type) {
	case string, []byte:
		return true
	default:
		return false
	}
}

// comply checks the type of a converted response against the Accept header, if
// the configuration asks for that.
func (n *negotiator) comply(accept, contentType string) error {
	if !n.check {
		return nil
	}
	final, _, err := httpheader.ParseContentType(contentType)
	if err != nil {
		return fmt.Errorf("the Content-Type %q that the handler has set: %w", contentType, err)
	}
	if _, accepted, err := prefer(accept, final, nil); err != nil || accepted {
		return err
	}
	return &app.Error{Status: http.StatusNotAcceptable, Err: fmt.Errorf("accept %q: the response has the type %s", accept, final)}
}
