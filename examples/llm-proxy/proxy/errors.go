package proxy

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

// A failure is an error in OpenAI's form, which clients read by its status and its
// code.
type failure struct {
	Error struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	} `json:"error"`
}

// newFailure returns the error for a status. An empty message is the status' name.
func newFailure(status int, message string) failure {
	var f failure
	f.Error.Message, f.Error.Type = message, "invalid_request_error"
	if message == "" {
		f.Error.Message = http.StatusText(status)
	}
	code := ""
	switch {
	case status == http.StatusUnauthorized:
		code = "invalid_api_key"
	case status == http.StatusTooManyRequests:
		f.Error.Type, code = "requests", "rate_limit_exceeded"
	case status >= http.StatusInternalServerError:
		f.Error.Type = "server_error"
	}
	if code != "" {
		f.Error.Code = &code
	}
	return f
}

// respondError answers a call that the proxy itself refuses: in place of the plain
// texts of the plugins, with their statuses and headers.
func respondError(c *app.Call, cause error) error {
	status, message := http.StatusInternalServerError, ""
	if refusal := (interface{ StatusCode() int })(nil); errors.As(cause, &refusal) {
		status = refusal.StatusCode()
	}
	var shown *app.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(cause, &tooLarge):
		status, message = http.StatusRequestEntityTooLarge, tooLongMessage(tooLarge)
	case errors.As(cause, &shown):
		message = shown.Message
	case status == http.StatusUnauthorized:
		message = "no such API key: send one as Authorization: Bearer sk-…"
	case status == http.StatusTooManyRequests:
		message = "too many calls: come back after the seconds of Retry-After"
	}
	if status >= http.StatusInternalServerError {
		c.Application().Logger().ErrorContext(c.Context(), "a call has failed", "route", c.Route(), "error", cause)
	}
	body, err := json.Marshal(newFailure(status, message))
	if err != nil {
		return err
	}
	c.SetStatus(status)
	c.Header().Set("Content-Type", "application/json")
	return c.RespondBytes(body)
}

func tooLongMessage(err *http.MaxBytesError) string {
	return fmt.Sprintf("the request has more than %d bytes", err.Limit)
}

// writeError is respondError for a handler of net/http. A caller that has gone hears
// nothing.
func writeError(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(newFailure(status, message))
}

// lastEvent is the error that ends an answer which the proxy has cut, as it does at
// a stop: one that ends without a word may be taken for the whole.
func lastEvent(*sse.Session, error) sse.Event {
	// Which can be encoded.
	data, _ := sse.JSON(newFailure(http.StatusServiceUnavailable, "the proxy stops: ask again"))
	return sse.Event{Event: "error", Data: string(data)}
}
