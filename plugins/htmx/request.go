package htmx

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// The headers of requests.
//
// Ktor: HxRequestHeaders, which lacks the two of htmx 4.
const (
	headerRequest        = "HX-Request"
	headerBoosted        = "HX-Boosted"
	headerCurrentURL     = "HX-Current-Url"
	headerHistoryRestore = "HX-History-Restore-Request"
	headerPrompt         = "HX-Prompt"
	headerTarget         = "HX-Target"
	headerTrigger        = "HX-Trigger"
	headerTriggerName    = "HX-Trigger-Name"
	headerSource         = "HX-Source"       // htmx 4, for HX-Trigger
	headerRequestType    = "HX-Request-Type" // htmx 4
)

// RequestHeaders says what a request of htmx says. Each method adds the headers
// that it looks at to Vary of the response. All of it comes from outside: treat it
// as hostile.
//
// Ktor: HXRequestHeaders.
type RequestHeaders struct {
	call   *app.Call
	varies bool
}

// Request returns what the headers of the call's request say. It belongs to the
// call's goroutine.
//
// Ktor: call.request.hx.
func Request(c *app.Call) RequestHeaders { return RequestHeaders{call: c, varies: true} }

// IsHTMX reports whether htmx has sent the request.
//
// Ktor: call.request.isHtmx.
func (h RequestHeaders) IsHTMX() bool { return h.get(headerRequest) == "true" }

// IsBoosted reports whether the request is that of a link or form with hx-boost.
func (h RequestHeaders) IsBoosted() bool { return h.get(headerBoosted) == "true" }

// IsHistoryRestore reports whether the request is for a page of the history that
// htmx no longer has.
func (h RequestHeaders) IsHistoryRestore() bool { return h.get(headerHistoryRestore) == "true" }

// IsPartial reports whether htmx puts the response into a page, so that it is to
// be a part of one and no page: not if it is boosted or for the history, and with
// htmx 4 not if it takes a part out of the page by itself.
//
// Ktor has nothing of the kind.
func (h RequestHeaders) IsPartial() bool {
	htmx, restores, boosted := h.IsHTMX(), h.IsHistoryRestore(), h.IsBoosted()
	if kind := h.get(headerRequestType); kind != "" {
		return htmx && !restores && kind == "partial"
	}
	return htmx && !restores && !boosted
}

// CurrentURL returns the address of the page, nil if there is none or it cannot be
// read.
func (h RequestHeaders) CurrentURL() *url.URL {
	text := h.get(headerCurrentURL)
	if text == "" {
		return nil
	}
	address, err := url.Parse(text)
	if err != nil {
		return nil
	}
	return address
}

// Prompt returns what the user has answered to hx-prompt.
func (h RequestHeaders) Prompt() string { return h.text(headerPrompt) }

// TargetID returns the id of the element that is to be changed, if it has one.
func (h RequestHeaders) TargetID() string {
	if h.get(headerSource) != "" {
		return elementID(h.get(headerTarget))
	}
	return strings.TrimPrefix(h.text(headerTarget), "#")
}

// TriggerID returns the id of the element that has asked, if it has one.
func (h RequestHeaders) TriggerID() string {
	if source := h.get(headerSource); source != "" {
		return elementID(source)
	}
	return strings.TrimPrefix(h.text(headerTrigger), "#")
}

// TriggerName returns the name of the element that has asked, if it has one. htmx 4
// does not send it.
func (h RequestHeaders) TriggerName() string { return h.text(headerTriggerName) }

func (h RequestHeaders) get(name string) string {
	if h.varies {
		httpheader.AddVary(h.call.Header(), name)
	}
	return h.call.Request.Header.Get(name)
}

// text returns a header whose value may be any text. Browsers send characters up
// to U+00FF as a byte each; for others htmx 2 encodes the whole value as in a URL,
// and says so in a header beside it.
func (h RequestHeaders) text(name string) string {
	text := h.get(name)
	if h.get(name+"-URI-AutoEncoded") == "true" {
		if decoded, err := url.PathUnescape(text); err == nil {
			return strings.ToValidUTF8(decoded, "\ufffd")
		}
	}
	if utf8.ValidString(text) {
		return text
	}
	characters := make([]rune, len(text))
	for i := range len(text) {
		characters[i] = rune(text[i])
	}
	return string(characters)
}

// elementID returns the id of an element as htmx 4 names it: "button#load", with
// the id encoded as in a URL, or "body".
func elementID(name string) string {
	_, id, _ := strings.Cut(name, "#")
	decoded, err := url.PathUnescape(id)
	if err != nil {
		return ""
	}
	return strings.ToValidUTF8(decoded, "\ufffd")
}
