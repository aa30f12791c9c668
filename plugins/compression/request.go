package compression

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/chitor-go/chitor/app"
)

var (
	requestKey               = app.NewKey[*request]("compression.request")
	decompressionSuppressKey = app.NewKey[bool]("compression.decompressionSuppressed")
)

// SuppressDecompression leaves the body of the call's request as it arrived,
// and Content-Encoding and Content-Length with it. It has an effect until the
// first byte of the body is read.
// Ktor: suppressDecompression.
func SuppressDecompression(c *app.Call) {
	decompressionSuppressKey.Set(c, true)
	if r, found := requestKey.Get(c); found && r.suppress(c.Request) {
		requestKey.Delete(c)
	}
}

// IsDecompressionSuppressed reports whether [SuppressDecompression] was called
// for the call.
// Ktor: isDecompressionSuppressed.
func IsDecompressionSuppressed(c *app.Call) bool {
	suppressed, _ := decompressionSuppressKey.Get(c)
	return suppressed
}

// AppliedDecoders returns the names of the codings that are taken off the body
// of the call's request, as the encoders of the installation have them, in the
// order of Content-Encoding: the last one is taken off first. It is nil for a
// body that stays as it is, and knows the answer before the body is read.
// Ktor: appliedDecoders.
func AppliedDecoders(c *app.Call) []string {
	if r, found := requestKey.Get(c); found {
		return slices.Clone(r.applied)
	}
	return nil
}

// A request is the body of a request that names a content coding, as everybody
// but the plugin reads it. Nothing is read from the body that it stands for
// before somebody reads, and no decoder is taken.
//
// It is never used again for another call: a goroutine that a middleware such
// as http.TimeoutHandler has left behind may still read. Only its stages are,
// and only while nobody can be reading.
type request struct {
	decoding *decoding
	raw      io.ReadCloser
	chain    []*decoder // the outermost first
	applied  []string   // in the order of the header
	refusal  *app.Error // why a Receive fails, or nil
	encoding []string   // the header as it came
	length   []string   // the same of Content-Length
	bytes    int64      // and as a number

	mu     sync.Mutex // guards the fields below
	stages []*stage   // of chain, nil before the first read and after the last one
	begun  bool
	plain  bool  // nothing is decoded
	err    error // how it has ended

	ended atomic.Bool // the call, or the reader has closed the body
}

// prepare has everybody who comes later in the call read the decoded body.
func (d *decoding) prepare(c *app.Call) {
	lines := c.Request.Header["Content-Encoding"]
	if len(lines) == 0 || c.Request.Body == nil || c.Request.Body == http.NoBody || IsDecompressionSuppressed(c) {
		return
	}
	r := &request{decoding: d, raw: c.Request.Body, encoding: lines, length: c.Request.Header["Content-Length"], bytes: c.Request.ContentLength}
	requestKey.Set(c, r)
	if n := codings(lines); d.maxChain > 0 && n > d.maxChain {
		r.refusal = &app.Error{
			Status: http.StatusBadRequest, Message: "the body has too many content codings", Err: fmt.Errorf("%d content codings", n),
		}
		r.err = r.refusal
		c.Request.Body = r
		return
	}
	rest := r.match(slices.Collect(elements(lines)))
	if len(rest) > 0 {
		r.refusal = app.NewError(http.StatusUnsupportedMediaType, "the content coding of the body is not supported")
	}
	if len(r.applied) > 0 {
		r.changeHeader(c.Request, rest)
	}
	if len(r.chain) > 0 {
		c.Request.Body, c.Request.ContentLength = r, -1
	}
}

// match finds the decoders of codings, from the right, and returns those that
// stay because one is not known. It writes into codings.
func (r *request) match(codings []string) (rest []string) {
	first := len(codings)
	for ; first > 0; first-- {
		name := &codings[first-1]
		if known := r.decoding.find(*name); known != nil {
			r.chain = append(r.chain, known)
			*name = known.name
		} else if equalFold(*name, identity) {
			*name = identity
		} else {
			break
		}
	}
	r.applied = codings[first:]
	return codings[:first]
}

// changeHeader gives the request a header of its own that speaks of the decoded
// body.
func (r *request) changeHeader(to *http.Request, rest []string) {
	to.Header = maps.Clone(to.Header)
	if len(rest) > 0 {
		to.Header["Content-Encoding"] = []string{strings.Join(rest, ", ")}
	} else {
		delete(to.Header, "Content-Encoding")
	}
	if len(r.chain) > 0 {
		delete(to.Header, "Content-Length")
	}
}

// refuse is the hook that has a Receive fail where the body cannot be decoded.
func (d *decoding) refuse(c *app.Call, in *app.Incoming) error {
	r, found := requestKey.Get(c)
	if !found || r.refusal == nil || in.Gone() {
		return nil
	}
	if r.refusal.Status == http.StatusUnsupportedMediaType {
		c.Header()["Accept-Encoding"] = d.accept // RFC 9110 section 12.5.3
	}
	return r.refusal
}

// Read decodes. Errors of the body that is decoded are returned as they are.
func (r *request) Read(p []byte) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.plain:
		return r.raw.Read(p)
	case r.err != nil:
		return 0, r.err
	case r.ended.Load():
		return 0, http.ErrBodyReadAfterClose
	}
	if !r.begun {
		r.begun = true
		r.err = r.open()
	}
	if r.err == nil {
		n, r.err = r.stages[len(r.stages)-1].Read(p)
	}
	if r.err != nil || r.ended.Load() {
		r.release()
	}
	return n, r.err
}

// open takes the stages that the body needs. Each has the limit: what lies
// between two codings can be a bomb as well.
func (r *request) open() error {
	var source io.Reader = r.raw
	for _, known := range r.chain {
		next, err := known.take(source, r.decoding.limit)
		if err != nil {
			return err
		}
		r.stages = append(r.stages, next)
		source = next
	}
	return nil
}

// Close ends the body. It must be called, if at all, like that of any request's
// body.
func (r *request) Close() error {
	r.end()
	return r.raw.Close()
}

// end gives the stages back. If somebody is reading, in a goroutine that was
// left behind, that read does it: to wait for it could take as long as the
// client likes.
func (r *request) end() {
	r.ended.Store(true)
	if r.mu.TryLock() {
		r.release()
		r.mu.Unlock()
	}
}

func (r *request) release() {
	for _, used := range r.stages {
		used.release()
	}
	r.stages = nil
	if r.err == nil {
		r.err = http.ErrBodyReadAfterClose
	}
}

// suppress has the body stay as it is, and reports whether there was still time
// for that.
func (r *request) suppress(of *http.Request) bool {
	if !r.mu.TryLock() {
		return false
	}
	defer r.mu.Unlock()
	if r.begun || r.ended.Load() {
		return false
	}
	r.plain = true
	if len(r.applied) > 0 {
		of.Header["Content-Encoding"] = r.encoding
	}
	if len(r.chain) > 0 {
		of.ContentLength = r.bytes
		if r.length != nil {
			of.Header["Content-Length"] = r.length
		}
	}
	return true
}

// endRequest is the hook that runs when the call has ended.
func endRequest(c *app.Call) {
	if r, found := requestKey.Get(c); found {
		r.end()
	}
}
