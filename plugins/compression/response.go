package compression

import (
	"net/http"
	"strconv"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/plugins/sse"
)

// A response is what the decision about its coding depends on.
type response struct {
	call        *app.Call
	out         *app.Outgoing
	contentType string // as in the header, or ""
	kind        string // the type before its slash, as in the header
	subtype     string // the type behind it, without parameters
	length      int64  // of the body that GET would have, -1 if unknown
	incomplete  bool   // it is about a body without sending all of it: 304, 206
}

func describe(c *app.Call, out *app.Outgoing) response {
	r := response{call: c, out: out, length: out.Length()}
	if types := out.Header["Content-Type"]; len(types) > 0 {
		r.contentType = types[0]
		r.kind, r.subtype = httpheader.SplitContentType(r.contentType)
	}
	switch {
	case out.Status == http.StatusNotModified || out.Status == http.StatusPartialContent:
		r.length, r.incomplete = -1, true
	case r.length == 0 && c.Request.Method == http.MethodHead:
		r.length = headLength(out.Header)
	}
	return r
}

// headLength returns the length of the body that a handler did not write
// because the method is HEAD.
func headLength(h http.Header) int64 {
	if length, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil && length >= 0 {
		return length
	}
	if len(h["Content-Type"]) > 0 { // there would be one
		return -1
	}
	return 0
}

// isEventStream reports whether plugins/sse has marked the response, or its
// Content-Type names an event stream.
func (r *response) isEventStream() bool {
	return sse.IsEventStream(r.call) || httpheader.IsEventStream(r.contentType)
}

// encodable reports whether status and header let the body, if there is one, be
// encoded. The streams of plugins/sse say no-transform to proxies; one that is
// to be encoded has been asked for by [Config.EventStreams].
func (r *response) encodable() bool {
	h, status := r.out.Header, r.out.Status
	switch {
	case status != 0 && status < 200, status == http.StatusNoContent, status == http.StatusResetContent:
		return false
	case len(h["Content-Encoding"]) > 0:
		return false
	case len(h["Content-Range"]) > 0 && status != http.StatusPartialContent:
		return false
	case httpheader.Lists(h["Cache-Control"], "no-transform") && !sse.IsEventStream(r.call):
		return false
	case asksForTunnel(r.call.Request):
		return false
	default:
		return r.length != 0
	}
}

// asksForTunnel reports whether the client wants to go on in another protocol,
// and takes what is sent for bytes of that: a successful response to CONNECT
// has no body (RFC 9110 section 9.3.6).
func asksForTunnel(r *http.Request) bool {
	return r.Method == http.MethodConnect || len(r.Header["Sec-Websocket-Key"]) > 0
}
