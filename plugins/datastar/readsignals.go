package datastar

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// ReadSignals returns the signals that an action has sent, as encoding/json reads
// them into a T: from the query parameter "datastar" of GET, HEAD and DELETE,
// which Datastar 1 sends without a body, and from the body of any other method and
// of a DELETE that has no such parameter. A request with neither is the zero T: it
// comes from something else than an action.
//
// Read them before the stream is opened. What is no JSON, or does not fit T, is an
// error with 400, a body that calls itself something other than JSON, such as the
// form of an action with contentType: 'form', one with 415, and a body over
// [app.Call.BodyLimit] one with 413. They come from outside: treat them as hostile.
func ReadSignals[T any](c *app.Call) (T, error) {
	var value T
	text, err := readSignals(c)
	if err != nil || text == nil {
		return value, err
	}
	if err := json.Unmarshal(text, &value); err != nil {
		var zero T
		return zero, &app.Error{
			Status: http.StatusBadRequest, Message: "the signals cannot be read", Err: fmt.Errorf("read signals: %w", err),
		}
	}
	return value, nil
}

// readSignals returns the JSON of the request, nil if there is none.
func readSignals(c *app.Call) ([]byte, error) {
	switch method := c.Request.Method; method {
	case http.MethodGet, http.MethodHead, http.MethodDelete:
		if text := c.QueryParam("datastar"); text != "" {
			return []byte(text), nil
		}
		if method != http.MethodDelete || c.Request.ContentLength == 0 {
			return nil, nil
		}
	}
	if kind := c.Request.Header.Get("Content-Type"); kind != "" {
		media, _, err := mime.ParseMediaType(kind)
		if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
			return nil, app.NewError(http.StatusUnsupportedMediaType, "the signals are no JSON")
		}
	}
	body, err := c.ReceiveBytes()
	if err != nil {
		return nil, fmt.Errorf("read signals: %w", err)
	}
	return body, nil
}
