package contentnegotiation

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mediatype"
)

// respond makes a value the body that the client likes best. What no converter
// can do stays a value, which the application answers with 406.
func (p *plan) respond(c *app.Call, out *app.Outgoing) error {
	if !isValue(out) || p.ignores(reflect.TypeOf(out.Value)) {
		return nil
	}
	accept := p.accept(c)
	candidates, err := p.candidates(accept)
	if err != nil {
		if isText(out.Value) {
			return nil // it can go as it is, as the text of the answer to this error does
		}
		return err
	}
	if p.varies {
		vary(out.Header)
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
		return p.comply(accept, out.Header.Get("Content-Type"))
	}
	return nil
}

// isValue reports whether out holds a value, nil included, and neither a body
// nor what stands for one.
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
// that is wanted.
func (p *plan) comply(accept, contentType string) error {
	if !p.check {
		return nil
	}
	final, _, err := mediatype.ParseContentType(contentType)
	if err != nil {
		return fmt.Errorf("the Content-Type %q that the handler has set: %w", contentType, err)
	}
	if _, accepted, err := prefer(accept, final); err != nil || accepted {
		return err
	}
	return &app.Error{Status: http.StatusNotAcceptable, Err: fmt.Errorf("accept %q: the response has the type %s", accept, final)}
}

// vary tells caches that the response depends on Accept.
func vary(header http.Header) {
	for _, line := range header["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name == "*" || strings.EqualFold(name, "Accept") {
				return
			}
		}
	}
	header.Add("Vary", "Accept")
}
