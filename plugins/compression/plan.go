package compression

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

// A plan is a configuration made ready. It serves any number of responses at
// once.
type plan struct {
	conditions []condition
	codings    []*coding // by falling priority
	vary       []string  // the header that most answers get, shared by all
	streams    *plan     // for event streams; nil leaves them alone
	places     *places   // how many answers may be encoded at once; nil: any number
}

// An answer is what the decision about a response is taken from.
type answer struct {
	call        *app.Call
	out         *app.Outgoing
	contentType string // as in the header, or ""
	kind        string // the type before its slash
	subtype     string // the type behind it, without parameters
	length      int64  // of the body that GET would have, -1 if unknown
	elsewhere   bool   // it speaks of a representation without sending it whole: 304, 206
}

func describe(c *app.Call, out *app.Outgoing) answer {
	a := answer{call: c, out: out, length: out.Length()}
	if types := out.Header["Content-Type"]; len(types) > 0 {
		a.contentType = types[0]
		mediaType, _, _ := strings.Cut(a.contentType, ";")
		a.kind, a.subtype, _ = strings.Cut(trim(mediaType), "/")
	}
	switch {
	case out.Status == http.StatusNotModified || out.Status == http.StatusPartialContent:
		a.length, a.elsewhere = -1, true
	case a.length == 0 && c.Request.Method == http.MethodHead:
		a.length = headLength(out.Header)
	}
	return a
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

// encode is the hook that looks at each response.
func (p *plan) encode(c *app.Call, out *app.Outgoing) error {
	a := describe(c, out)
	if sse.IsEventStream(c) || equalFold(a.kind, "text") && equalFold(a.subtype, "event-stream") {
		if p = p.streams; p == nil {
			return nil
		}
	}
	if !a.encodable() || IsSuppressed(c) || !allHold(p.conditions, a) {
		return nil
	}
	chosen, varies := p.choose(a, c.Request.Header["Accept-Encoding"])
	if varies {
		p.addVary(out.Header)
	}
	if chosen == nil || out.Status == http.StatusPartialContent || !a.elsewhere && !p.places.take(c) {
		return nil
	}
	weakenETag(out.Header)
	if a.elsewhere {
		return nil
	}
	out.Header["Content-Encoding"] = chosen.header
	delete(out.Header, "Accept-Ranges") // of the encoded bytes no range can be asked for
	out.Wrap(chosen.wrap)
	return nil
}

// encodable reports whether status and header let the body, if there is one, be
// encoded.
func (a *answer) encodable() bool {
	h, status := a.out.Header, a.out.Status
	switch {
	case status != 0 && status < 200, status == http.StatusNoContent, status == http.StatusResetContent:
		return false
	case len(h["Content-Encoding"]) > 0:
		return false
	case len(h["Content-Range"]) > 0 && status != http.StatusPartialContent:
		return false
	case lists(h["Cache-Control"], "no-transform"):
		return false
	case asksForTunnel(a.call.Request):
		return false
	default:
		return a.length != 0
	}
}

// asksForTunnel reports whether the client wants to go on in another protocol,
// and reads what comes as that one's: what answers CONNECT is no body (RFC 9110
// section 9.3.6).
func asksForTunnel(r *http.Request) bool {
	return r.Method == http.MethodConnect || len(r.Header["Sec-Websocket-Key"]) > 0
}

// addVary adds Accept-Encoding to what the answer varies by.
func (p *plan) addVary(h http.Header) {
	fields := h["Vary"]
	switch {
	case len(fields) == 0:
		h["Vary"] = p.vary
	case !lists(fields, "Accept-Encoding") && !lists(fields, "*"):
		h["Vary"] = []string{strings.Join(fields, ", ") + ", Accept-Encoding"}
	}
}

// weakenETag makes a strong tag weak, since the bytes that it was made for are
// not the ones sent.
func weakenETag(h http.Header) {
	if tags := h["Etag"]; len(tags) > 0 && strings.HasPrefix(tags[0], `"`) {
		h["Etag"] = []string{"W/" + tags[0]}
	}
}

// lists reports whether the lines of a header that holds a list name an
// element, without regard to case.
func lists(lines []string, element string) bool {
	for _, line := range lines {
		for more := true; more; {
			var entry string
			entry, line, more = strings.Cut(line, ",")
			if equalFold(trim(entry), element) {
				return true
			}
		}
	}
	return false
}
