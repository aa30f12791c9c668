package calllogging

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// message is the message of every line, unless Format makes another.
const message = "the call ended"

// The attributes of the lines, in their order.
const (
	statusName   = "status"
	methodName   = "method"
	pathName     = "path"
	routeName    = "route"
	bytesName    = "bytes"
	durationName = "duration"
	endName      = "end"
	locationName = "location"
	errorName    = "error"
)

func isOwn(name string) bool {
	return slices.Contains([]string{
		statusName, methodName, pathName, routeName, bytesName, durationName, endName, locationName, errorName,
	}, name)
}

// log writes the line of a call that has ended.
func (c *Config) log(call *app.Call) {
	logger := c.Logger
	if logger == nil {
		logger = call.Application().Logger()
	}
	if !logger.Enabled(call.Context(), c.Level) || !c.wants(call) {
		return
	}
	text := message
	if c.Format != nil {
		text = c.Format(call)
	}
	var room [12]slog.Attr
	attributes := append(room[:0],
		slog.Int(statusName, call.Status()),
		slog.String(methodName, call.Request.Method),
		slog.String(pathName, call.Request.URL.Path),
		slog.String(routeName, call.Route()),
		slog.Int64(bytesName, sent(call)),
		slog.Duration(durationName, ProcessingTime(call)),
		slog.String(endName, endOf(call)),
	)
	if location := location(call); location != "" {
		attributes = append(attributes, slog.String(locationName, location))
	}
	if err := call.Failure(); err != nil {
		attributes = append(attributes, slog.Any(errorName, err))
	}
	attributes = append(attributes, c.fill(call)...)
	logger.LogAttrs(call.Context(), c.Level, text, attributes...)
}

// sent returns how much of a body was taken for sending: what a handler writes
// for HEAD goes nowhere.
func sent(c *app.Call) int64 {
	status := c.Status()
	if c.Request.Method == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified {
		return 0
	}
	return c.Written()
}

// endOf returns why the call has ended.
func endOf(c *app.Call) string {
	err := c.Failure()
	cause := context.Cause(c.Context())
	cut := cause != nil && !isWhole(c)
	switch {
	case cut && errors.Is(cause, app.ErrStopping), errors.Is(err, app.ErrStopping):
		return "stopping"
	case cut && errors.Is(cause, context.Canceled):
		return "client gone"
	case errors.Is(err, http.ErrAbortHandler):
		return "aborted"
	case err != nil:
		return "failed"
	case c.Application().Stopping() && isEventStream(c):
		return "stopping"
	default:
		return "answered"
	}
}

// isWhole reports whether as much was sent as was declared: a client that
// leaves then has everything.
func isWhole(c *app.Call) bool {
	length, err := strconv.ParseInt(c.Header().Get("Content-Length"), 10, 64)
	return err == nil && c.Written() >= length
}

// isEventStream reports whether the answer is an event stream. Those end as
// soon as the application begins to stop, while the contexts of their calls
// last until the grace is over.
func isEventStream(c *app.Call) bool {
	mediaType, _, _ := strings.Cut(c.Header().Get("Content-Type"), ";")
	return strings.EqualFold(textproto.TrimString(mediaType), "text/event-stream")
}

// location returns where a redirect leads. Queries and fragments carry codes
// and tokens.
func location(c *app.Call) string {
	if status := c.Status(); status < 300 || status > 399 {
		return ""
	}
	location := c.Header().Get("Location")
	if end := strings.IndexAny(location, "?#"); end >= 0 {
		return location[:end]
	}
	return location
}
