package compression

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// An encoding is what an installation does with responses. It never changes,
// and serves any number of calls at once.
type encoding struct {
	conditions []condition
	codings    []*coding // by falling priority
	streams    *encoding // for event streams; nil leaves them alone
	slots      *slots    // limit how many responses are encoded at once
}

// newEncoding makes ready what config says of responses, or returns all
// mistakes in the encoders.
func newEncoding(config Config) (*encoding, error) {
	codings, wrong := config.offered().codings(len(config.conditions) == 0)
	made, err := encodingOf(codings, config.conditions, config.MaxEncoders)
	wrong.Add(err)
	if config.streams == nil {
		return made, wrong.Err()
	}
	streams, wrongStreams := newStreamEncoding(*config.streams, config.conditions)
	made.streams = streams
	for _, err := range wrongStreams {
		if err != nil {
			wrong.Add(fmt.Errorf("event streams: %w", err))
		}
	}
	return made, wrong.Err()
}

// encodingOf returns what uses the codings where the conditions hold, for so
// many responses at a time.
func encodingOf(codings []*coding, conditions []condition, maxEncoders int) (*encoding, error) {
	made := &encoding{conditions: slices.Clone(conditions), codings: codings, slots: &slots{limit: int64(maxEncoders)}}
	for _, offered := range codings {
		offered.slots = made.slots
	}
	if maxEncoders < 0 {
		return made, errors.New("MaxEncoders is negative")
	}
	return made, nil
}

// encode is the hook that looks at each response.
func (e *encoding) encode(c *app.Call, out *app.Outgoing) error {
	r := describe(c, out)
	switch {
	case !r.isEventStream():
		e.apply(r)
	case e.streams != nil:
		e.streams.apply(r)
	}
	return nil
}

// apply encodes the response, if it is to be, and says in its header what
// depends on Accept-Encoding. Where a range is asked for it says so even if it
// must not encode: without the range it would have (RFC 9110 section 15.3.7).
func (e *encoding) apply(r response) {
	suppressed := r.call.CompressionSuppressed()
	if suppressed && len(r.call.Request.Header["Range"]) == 0 || !r.encodable() || !allHold(e.conditions, r) {
		return
	}
	header := r.out.Header
	chosen, varies := e.choose(r, r.call.Request.Header["Accept-Encoding"])
	if varies {
		httpheader.AddVary(header, "Accept-Encoding")
	}
	if chosen == nil || suppressed || r.out.Status == http.StatusPartialContent || !r.incomplete && !e.slots.free() {
		return
	}
	weakenETag(header)
	if r.incomplete {
		return
	}
	header["Content-Encoding"] = chosen.header
	delete(header, "Accept-Ranges") // of the encoded bytes no range can be asked for
	r.out.Wrap(chosen.wrap)
}

// weakenETag makes a strong tag weak, since the bytes that it was made for are
// not the ones sent.
func weakenETag(h http.Header) {
	if tags := h["Etag"]; len(tags) > 0 && strings.HasPrefix(tags[0], `"`) {
		h["Etag"] = []string{"W/" + tags[0]}
	}
}
