package eventsource

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// ResponseError reports a response that is not an event stream, or one in a
// content coding that cannot be read.
//
// Ktor: SSEClientException.
type ResponseError struct {
	// StatusCode is its status. If it is 200, the Content-Type is not
	// text/event-stream, nor among Types of [Config], or the Content-Encoding is
	// more than gzip or deflate.
	StatusCode int
	// Header is its header.
	Header http.Header
	// Body is the beginning of its body, no more than MaxErrorBody of [Config],
	// decoded if its coding can be read. It is what an API says about the error,
	// mostly as JSON. It comes from outside: treat it as hostile.
	Body []byte
}

// newResponseError reads what it keeps of the response and of its content.
func newResponseError(response *http.Response, content io.Reader, limit int) *ResponseError {
	// What has been read before an error is better than nothing.
	piece, _ := io.ReadAll(io.LimitReader(content, int64(limit)))
	return &ResponseError{StatusCode: response.StatusCode, Header: response.Header, Body: piece}
}

// Error names the status, or the type or the coding if that is what is wrong.
// The body is not in it.
func (e *ResponseError) Error() string {
	contentType := e.Header.Get("Content-Type")
	switch {
	case e.StatusCode/100 == 3 && e.Header.Get("Location") != "":
		return fmt.Sprintf("expected status 200 but was %d, a redirect that is not followed", e.StatusCode)
	case e.StatusCode != http.StatusOK:
		return fmt.Sprintf("expected status 200 but was %d", e.StatusCode)
	case !httpheader.IsEventStream(contentType):
		return fmt.Sprintf("expected content type text/event-stream but was %.100q", contentType)
	default:
		return fmt.Sprintf("expected no content coding, gzip or deflate but was %.100q",
			strings.Join(e.Header.Values("Content-Encoding"), ", "))
	}
}

// RetryAfter is the time that the server wants to be left alone, from now on,
// and whether it has said so: Retry-After in whole seconds or as a date (RFC
// 9110, section 10.2.3). It is never negative. A number that is too large for a
// Duration becomes the largest.
func (e *ResponseError) RetryAfter() (time.Duration, bool) {
	value := strings.Trim(e.Header.Get("Retry-After"), " \t")
	if value == "" {
		return 0, false
	}
	if !strings.ContainsFunc(value, func(r rune) bool { return r < '0' || r > '9' }) {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > math.MaxInt64/int64(time.Second) {
			return math.MaxInt64, true
		}
		return time.Duration(seconds) * time.Second, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(0, time.Until(date)), true
}
