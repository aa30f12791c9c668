package htmx

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// ErrInvalid is the error of what a header cannot say to htmx as it was meant. No
// header was changed.
var ErrInvalid = errors.New("the header was not set")

// A Swap says how a response is put into the page. It may be followed by
// modifiers, as in Swap("innerHTML show:top").
//
// Ktor: HxSwap, whose innerHtml is no value that htmx knows.
type Swap string

// The values of hx-swap. InnerMorph and OuterMorph are those of htmx 4.
const (
	InnerHTML   Swap = "innerHTML"
	OuterHTML   Swap = "outerHTML"
	TextContent Swap = "textContent"
	BeforeBegin Swap = "beforebegin"
	AfterBegin  Swap = "afterbegin"
	BeforeEnd   Swap = "beforeend"
	AfterEnd    Swap = "afterend"
	Delete      Swap = "delete"
	None        Swap = "none"
	InnerMorph  Swap = "innerMorph"
	OuterMorph  Swap = "outerMorph"
)

// ResponseHeaders sets the headers that tell htmx what to do. Values are encoded,
// so that none becomes another header or another instruction: all are ASCII, and
// what is JSON is escaped. What cannot be encoded is [ErrInvalid]. Headers are set
// before the response; htmx does not see those of a redirect by status.
//
// Ktor: HXResponseHeaders.
type ResponseHeaders struct{ call *app.Call }

// Response returns the headers of the call's response. It belongs to the call's
// goroutine.
//
// Ktor: call.response.hx.
func Response(c *app.Call) ResponseHeaders { return ResponseHeaders{c} }

// A Destination says where htmx goes by HX-Location, and what it puts there. The
// zero of a field is not sent.
type Destination struct {
	// Path is the URL that is fetched. It is required, and of http or https, or
	// relative.
	Path string `json:"path"`

	// Target is the selector of the element that is changed; the body by default.
	Target string `json:"target,omitempty"`

	// Select is the selector of the part of the response that is taken.
	Select string `json:"select,omitempty"`

	// Swap says how the response is put there.
	Swap Swap `json:"swap,omitempty"`

	// Values are sent with the request, and Headers as well.
	Values  map[string]any    `json:"values,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
}

// Location makes htmx fetch a page and show it without loading it anew, by
// HX-Location.
func (h ResponseHeaders) Location(to Destination) error {
	path, err := address(to.Path)
	if err != nil {
		return fmt.Errorf("htmx location: %w", err)
	}
	to.Path = path
	text, err := encode(to)
	if err != nil {
		return fmt.Errorf("htmx location: %w", err)
	}
	h.set("HX-Location", text)
	return nil
}

// PushURL puts a URL into the history of the browser, by HX-Push-Url. "false" puts
// none there.
func (h ResponseHeaders) PushURL(to string) error { return h.setAddress("HX-Push-Url", to) }

// ReplaceURL replaces the URL in the location bar, by HX-Replace-Url. "false" leaves
// it alone.
func (h ResponseHeaders) ReplaceURL(to string) error { return h.setAddress("HX-Replace-Url", to) }

// Redirect makes the browser load another page, by HX-Redirect.
func (h ResponseHeaders) Redirect(to string) error { return h.setAddress("HX-Redirect", to) }

// Refresh makes the browser load the page anew, by HX-Refresh.
func (h ResponseHeaders) Refresh() { h.set("HX-Refresh", "true") }

// Reswap says how the response is put into the page, by HX-Reswap.
func (h ResponseHeaders) Reswap(swap Swap) error { return h.setCSS("HX-Reswap", string(swap)) }

// Retarget says which element is changed, by a CSS selector in HX-Retarget.
func (h ResponseHeaders) Retarget(css string) error { return h.setCSS("HX-Retarget", css) }

// Reselect says which part of the response is taken, by a CSS selector in
// HX-Reselect.
func (h ResponseHeaders) Reselect(css string) error { return h.setCSS("HX-Reselect", css) }

// Trigger adds an event that the page is told of at once, by HX-Trigger. Detail is
// what it tells, as JSON; an object becomes the event's detail, and any other value
// its detail.value. Of two with one name the later one counts. Proxies limit how
// long a header may be, often to 8 KiB for all.
func (h ResponseHeaders) Trigger(event string, detail any) error {
	return h.trigger("HX-Trigger", event, detail)
}

// TriggerAfterSwap is [ResponseHeaders.Trigger] for when the response is in the
// page. htmx 4 does not know it.
func (h ResponseHeaders) TriggerAfterSwap(event string, detail any) error {
	return h.trigger("HX-Trigger-After-Swap", event, detail)
}

// TriggerAfterSettle is [ResponseHeaders.Trigger] for when the response has settled
// in the page. htmx 4 does not know it.
func (h ResponseHeaders) TriggerAfterSettle(event string, detail any) error {
	return h.trigger("HX-Trigger-After-Settle", event, detail)
}

func (h ResponseHeaders) set(name, value string) { h.call.Header().Set(name, value) }

func (h ResponseHeaders) setAddress(name, to string) error {
	text, err := address(to)
	if err != nil {
		return fmt.Errorf("htmx %s: %w", name, err)
	}
	h.set(name, text)
	return nil
}

func (h ResponseHeaders) setCSS(name, css string) error {
	text, err := ascii(css)
	if err != nil {
		return fmt.Errorf("htmx %s: %w", name, err)
	}
	h.set(name, text)
	return nil
}

func (h ResponseHeaders) trigger(name, event string, detail any) error {
	if event == "" {
		return fmt.Errorf("htmx %s: %w: the event has no name", name, ErrInvalid)
	}
	added, err := encode(map[string]any{event: detail})
	if err != nil {
		return fmt.Errorf("htmx %s: %w", name, err)
	}
	switch known := h.call.Header().Get(name); {
	case known == "":
		h.set(name, added)
	case strings.HasPrefix(known, "{") && strings.HasSuffix(known, "}"):
		h.set(name, known[:len(known)-1]+","+added[1:])
	default:
		return fmt.Errorf("htmx %s: %w: it was set by other means", name, ErrInvalid)
	}
	return nil
}

// encode returns value as JSON in ASCII.
func encode(value any) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	var encoded strings.Builder
	for _, char := range string(text) {
		switch {
		case char < 0x7f:
			encoded.WriteRune(char)
		case char <= 0xffff:
			fmt.Fprintf(&encoded, `\u%04x`, char)
		default:
			// A pair of surrogates: RFC 8259, section 7.
			high, low := (char-0x10000)>>10+0xd800, (char-0x10000)&0x3ff+0xdc00
			fmt.Fprintf(&encoded, `\u%04x\u%04x`, high, low)
		}
	}
	return encoded.String(), nil
}

// address returns a URL as a header can hold it. One of another scheme than http
// and https, such as javascript, is refused: htmx would run it.
func address(text string) (string, error) {
	parsed, err := url.Parse(text)
	switch {
	case text == "":
		return "", fmt.Errorf("%w: there is no URL", ErrInvalid)
	case err != nil:
		return "", fmt.Errorf("%w: %.100q is no URL", ErrInvalid, text)
	case parsed.Scheme != "" && parsed.Scheme != "http" && parsed.Scheme != "https":
		return "", fmt.Errorf("%w: the scheme %.100q leads to no page", ErrInvalid, parsed.Scheme)
	}
	var encoded strings.Builder
	for i := range len(text) {
		if char := text[i]; char <= ' ' || char >= 0x7f {
			fmt.Fprintf(&encoded, "%%%02X", char)
		} else {
			encoded.WriteByte(char)
		}
	}
	return encoded.String(), nil
}

// ascii returns CSS with each character outside of ASCII as its escape (CSS Syntax
// 3, section 4.1).
func ascii(css string) (string, error) {
	css = strings.TrimSpace(css)
	if css == "" {
		return "", fmt.Errorf("%w: the value is empty", ErrInvalid)
	}
	var encoded strings.Builder
	for _, char := range css {
		switch {
		case char < ' ' || char == 0x7f:
			return "", fmt.Errorf("%w: %.100q holds a control character", ErrInvalid, css)
		case char < 0x7f:
			encoded.WriteRune(char)
		default:
			fmt.Fprintf(&encoded, `\%x `, char)
		}
	}
	return strings.TrimSuffix(encoded.String(), " "), nil
}
