package compression

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// A decoding is what an installation does with the bodies of requests. It never
// changes, and serves any number of calls at once.
type decoding struct {
	decoders []*decoder
	maxChain int      // how many codings a body may have; 0 or less: no limit
	limit    int64    // how many bytes a body may have, decoded; 0 or less: no limit
	budget   *budget  // of the decoders
	accept   []string // Accept-Encoding of 415, shared by all responses and never written
}

// newDecoding makes ready what config says of requests, or returns all mistakes
// in the decoders.
func newDecoding(config Config) (*decoding, error) {
	made := &decoding{
		maxChain: config.MaxEncodingChainLength, limit: config.MaxDecodedContentLength, budget: newBudget(config.MaxDecoderMemory),
	}
	var names []string
	var wrong mistakes.List
	if config.MaxDecoderMemory < 0 {
		wrong.Add(errors.New("MaxDecoderMemory is negative"))
	}
	for _, offered := range config.offered() {
		name, create := offered.encoder.Name, offered.encoder.NewReader
		if create == nil {
			continue
		}
		if reader, err := create(); err != nil {
			wrong.Add(fmt.Errorf("encoder %q: reader: %w", name, err))
		} else if reader == nil {
			wrong.Add(fmt.Errorf("encoder %q: NewReader returns neither a reader nor an error", name))
		}
		made.decoders = append(made.decoders, &decoder{name: name, newReader: create, budget: made.budget})
		names = append(names, name)
	}
	if len(names) == 0 {
		names = []string{identity}
	}
	made.accept = []string{strings.Join(names, ", ")}
	return made, wrong.Err()
}

// install has the installation decode.
func (d *decoding) install(b *app.PluginBuilder[Config]) {
	// After limits, which are in the Setup phase and count what arrives, and
	// before everything else that may read the body.
	b.OnPhase(app.PhaseMonitoring, d.prepare)
	b.InterceptReceive(app.ReceiveBefore, d.refuse)
	b.OnCallFailed(d.noteBusy)
	b.OnResponseSent(endRequest)
}

// prepare gives the call's request a body that is read decoded, and a header
// that describes it.
func (d *decoding) prepare(c *app.Call) error {
	lines := c.Request.Header["Content-Encoding"]
	if len(lines) == 0 || c.Request.Body == nil || c.Request.Body == http.NoBody || IsDecompressionSuppressed(c) {
		return nil
	}
	b := &requestBody{
		call: c, decoding: d, raw: c.Request.Body,
		encoding: lines, length: c.Request.Header["Content-Length"], bytes: c.Request.ContentLength,
	}
	requestKey.Set(c, b)
	if n := count(httpheader.Elements(lines)); d.maxChain > 0 && n > d.maxChain {
		b.refusal = &app.Error{
			Status: http.StatusBadRequest, Message: "the body has too many content codings", Err: fmt.Errorf("%d content codings", n),
		}
		b.err = b.refusal
		c.Request.Body = b
		return nil
	}
	rest := b.match(slices.Collect(httpheader.Elements(lines)))
	if len(rest) > 0 {
		b.refusal = app.NewError(http.StatusUnsupportedMediaType, "the content coding of the body is not supported")
	}
	if len(b.applied) > 0 {
		b.changeHeader(c.Request, rest)
	}
	if len(b.chain) > 0 {
		c.Request.Body, c.Request.ContentLength = b, -1
	}
	return nil
}

func count(elements iter.Seq[string]) (n int) {
	for range elements {
		n++
	}
	return n
}

// refuse is the hook that fails a Receive of a body that cannot be decoded.
func (d *decoding) refuse(c *app.Call, in *app.Incoming) error {
	b, found := requestKey.Get(c)
	if !found || b.refusal == nil || in.Gone() {
		return nil
	}
	if b.refusal.Status == http.StatusUnsupportedMediaType {
		c.Header()["Accept-Encoding"] = d.accept // RFC 9110 section 12.5.3
	}
	return b.refusal
}

// noteBusy is the hook that tells the client of a call that has failed for want
// of memory when to come again, and the log that there are such calls.
func (d *decoding) noteBusy(c *app.Call, cause error) error {
	if !errors.Is(cause, d.budget.full) {
		return nil
	}
	c.Header().Set("Retry-After", "1")
	if c.Request.ProtoMajor == 1 {
		c.Header().Set("Connection", "close") // or net/http waits for the rest of the body
	}
	if d.budget.isNews() {
		c.Application().Logger().WarnContext(c.Context(), "request bodies are not decoded: decoders hold as much as MaxDecoderMemory allows",
			"MaxDecoderMemory", d.budget.limit)
	}
	return nil
}

// endRequest is the hook that runs when the call has ended.
func endRequest(c *app.Call) {
	if b, found := requestKey.Get(c); found {
		b.end()
	}
}

// find returns the decoder of a coding, or nil.
func (d *decoding) find(name string) *decoder {
	for _, known := range d.decoders {
		if httpheader.IsCoding(name, known.name) {
			return known
		}
	}
	return nil
}
