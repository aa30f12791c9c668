package compression

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

var (
	requestKey               = app.NewKey[*requestBody]("compression.request")
	decompressionSuppressKey = app.NewKey[bool]("compression.decompressionSuppressed")
)

// SuppressDecompression leaves the body of the call's request as it arrived,
// and Content-Encoding and Content-Length with it. It has an effect until the
// first byte of the body is read.
//
// Ktor: suppressDecompression.
func SuppressDecompression(c *app.Call) {
	decompressionSuppressKey.Set(c, true)
	if b, found := requestKey.Get(c); found && b.suppress(c.Request) {
		requestKey.Delete(c)
	}
}

// IsDecompressionSuppressed reports whether [SuppressDecompression] was called
// for the call.
//
// Ktor: isDecompressionSuppressed.
func IsDecompressionSuppressed(c *app.Call) bool {
	suppressed, _ := decompressionSuppressKey.Get(c)
	return suppressed
}

// AppliedDecoders returns the names of the codings that are decoded in the body
// of the call's request, as the encoders of the installation have them, in the
// order of Content-Encoding: the last one is decoded first. It is nil for a
// body that stays as it is. It may be called before the body is read.
//
// Ktor: appliedDecoders.
func AppliedDecoders(c *app.Call) []string {
	if b, found := requestKey.Get(c); found {
		return slices.Clone(b.applied)
	}
	return nil
}

// A requestBody is the body of a request with a content coding, as everybody
// but the plugin reads it: decoded. It reads nothing of the raw body, and takes
// no decoder, before it is read itself.
//
// It is never used again for another call: a goroutine that a middleware such
// as http.TimeoutHandler has left behind may still read. Only its stages are
// used again, and only once nobody can be reading.
type requestBody struct {
	call     *app.Call
	decoding *decoding
	raw      io.ReadCloser
	chain    []*decoder // the outermost coding first
	applied  []string   // the names of chain and identity, in the order of the header
	refusal  *app.Error // why a Receive fails, or nil

	// The header as it came, for SuppressDecompression.
	encoding []string // Content-Encoding
	length   []string // Content-Length
	bytes    int64    // Request.ContentLength

	mu     sync.Mutex // guards the fields below
	stages []*stage   // of chain, nil before the first read and after the last one
	state  bodyState
	err    error // how it has ended

	ended atomic.Bool // the call has ended, or somebody has closed the body
}

// A bodyState says what reading a requestBody means.
type bodyState uint8

const (
	unread   bodyState = iota // nothing has been read yet
	decoded                   // what is read is decoded
	verbatim                  // what is read is what arrived
)

// match finds the decoders of codings, from the right, and returns those that
// remain because one is not known. It writes into codings.
func (b *requestBody) match(codings []string) (rest []string) {
	first := len(codings)
	for ; first > 0; first-- {
		name := &codings[first-1]
		if known := b.decoding.find(*name); known != nil {
			b.chain = append(b.chain, known)
			*name = known.name
		} else if httpheader.EqualFold(*name, identity) {
			*name = identity
		} else {
			break
		}
	}
	b.applied = codings[first:]
	return codings[:first]
}

// changeHeader gives the request a header of its own that describes the decoded
// body.
func (b *requestBody) changeHeader(to *http.Request, rest []string) {
	to.Header = maps.Clone(to.Header)
	if len(rest) > 0 {
		to.Header["Content-Encoding"] = []string{strings.Join(rest, ", ")}
	} else {
		delete(to.Header, "Content-Encoding")
	}
	if len(b.chain) > 0 {
		delete(to.Header, "Content-Length")
	}
}

// Read decodes. Errors of the body that is decoded are returned as they are.
func (b *requestBody) Read(p []byte) (n int, err error) {
	n, err = b.read(p)
	if b.ended.Load() { // meanwhile, and end did not wait
		b.end()
	}
	return n, err
}

func (b *requestBody) read(p []byte) (n int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state == verbatim:
		return b.raw.Read(p)
	case b.err != nil:
		return 0, b.err
	case b.ended.Load():
		return 0, http.ErrBodyReadAfterClose
	}
	if b.state == unread {
		b.state = decoded
		b.err = b.open()
	}
	if b.err == nil {
		n, b.err = b.stages[len(b.stages)-1].Read(p)
	}
	if b.err != nil {
		b.release()
	}
	return n, b.err
}

// open takes the stages that the body needs. Each has the limit: what is
// between two codings can be a decompression bomb as well.
func (b *requestBody) open() error {
	limit := b.limit()
	var source io.Reader = b.raw
	for _, known := range b.chain {
		next, err := known.take(source, limit)
		if err != nil {
			return err
		}
		b.stages = append(b.stages, next)
		source = next
	}
	return nil
}

// limit returns how many bytes the body may have once decoded, 0 or less for
// any number: a call that may receive more by a limit of its own may decode it.
func (b *requestBody) limit() int64 {
	limit := b.decoding.limit
	switch named, own := b.call.BodyLimit(); {
	case !own || limit <= 0:
		return limit
	case named == 0:
		return 0
	default:
		return max(limit, named)
	}
}

// Close ends the body, and closes the raw one. It need not be called, like that
// of any request that a server has received.
func (b *requestBody) Close() error {
	b.end()
	return b.raw.Close()
}

// end gives the stages back. If a goroutine that was left behind is reading,
// its Read does it in place of this one, which would have to wait for as long
// as the client likes.
func (b *requestBody) end() {
	b.ended.Store(true)
	if b.mu.TryLock() {
		b.release()
		b.mu.Unlock()
	}
}

func (b *requestBody) release() {
	for _, used := range b.stages {
		used.release()
	}
	b.stages = nil
	if b.err == nil {
		b.err = http.ErrBodyReadAfterClose
	}
}

// suppress lets the body be read as it arrived, and reports whether it was not
// too late for that.
func (b *requestBody) suppress(of *http.Request) bool {
	if !b.mu.TryLock() {
		return false
	}
	defer b.mu.Unlock()
	if b.state != unread || b.ended.Load() {
		return false
	}
	b.state = verbatim
	if len(b.applied) > 0 {
		of.Header["Content-Encoding"] = b.encoding
	}
	if len(b.chain) > 0 {
		of.ContentLength = b.bytes
		if b.length != nil {
			of.Header["Content-Length"] = b.length
		}
	}
	return true
}
