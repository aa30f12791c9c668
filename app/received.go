package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// ErrReceived is wrapped by the error of a receive of a body that is gone: it
// was received before, or something has read Request.Body to its end, such as a
// net/http middleware that parses forms. The error says what to do. It is
// answered with 500, for the client has done nothing wrong.
//
// Ktor: RequestAlreadyConsumedException.
var ErrReceived = errors.New("request body is received already")

var (
	errReceivedTwice = fmt.Errorf("%w: to receive it several times, install plugins/doublereceive", ErrReceived)
	errReadBefore    = fmt.Errorf("%w: a middleware or handler has read Request.Body: "+
		"let it put a body back, or take a form that it has parsed from ReceiveForm", ErrReceived)
)

// A bodyUse is what has become of a body.
type bodyUse uint8

const (
	bodyThere    bodyUse = iota // nobody has received it
	bodyReceived                // somebody has
	bodyPutBack                 // what was read of it is in front of it again
)

// alreadyReceived is in the place of a body that is gone. A hook that kept the
// body puts it back.
type alreadyReceived struct{ why error }

func (a alreadyReceived) Read([]byte) (int, error) { return 0, a.why }

// unreceived returns the body of the request, or what is in the place of one
// that is gone. Net/http gives no error for a body that is read a second time:
// what cannot be empty would be received as if it were.
func (c *Call) unreceived() io.Reader {
	body := c.Request.Body
	switch {
	case c.body == bodyReceived:
		return alreadyReceived{errReceivedTwice}
	case body == nil:
		return http.NoBody
	case body == http.NoBody || c.body == bodyPutBack || !c.bodyWasRead():
		return body
	}
	// Whoever has read it may have left some, or put another one there.
	first := make([]byte, 1)
	n, err := io.ReadFull(body, first)
	if n == 0 && (err == io.EOF || errors.Is(err, http.ErrBodyReadAfterClose)) {
		return alreadyReceived{errReadBefore}
	}
	return io.MultiReader(bytes.NewReader(first[:n]), body)
}

// bodyWasRead reports whether any of the body has been read, or become a form.
func (c *Call) bodyWasRead() bool {
	return len(c.Request.PostForm) > 0 || c.Request.MultipartForm != nil || c.wire.BodyBegun()
}
