package calllogging

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
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

// sent returns how many bytes of a body were taken for sending: what a handler
// writes for HEAD goes nowhere.
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

// isWhole reports whether as many bytes were sent as Content-Length declares: a
// client that leaves then has everything.
func isWhole(c *app.Call) bool {
	length, err := strconv.ParseInt(c.Header().Get("Content-Length"), 10, 64)
	return err == nil && c.Written() >= length
}

// isEventStream reports whether the response is an event stream. Those end as
// soon as the application begins to stop, while the contexts of their calls
// last until the grace period is over.
func isEventStream(c *app.Call) bool {
	return httpheader.IsEventStream(c.Header().Get("Content-Type"))
}

// location returns where a redirect leads, without query and fragment, which
// may carry codes and tokens. It is empty if the response is no redirect.
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
