package compression

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Config says which encoders an installation of [Plugin] offers, and under
// which conditions. The zero Config offers gzip with priority 1 and deflate
// with priority 0.9; naming any encoder drops both.
//
// Its own [Conditions] are global: they must hold for any encoder to be asked.
// Only if there is no global condition, an encoder that has none of its own
// gets the default ones: at least 200 bytes, and not video/*, audio/*,
// image/jpeg, image/png, multipart/* or text/event-stream. So as in Ktor a
// condition of one's own drops the default ones, exclusions included.
//
// A mistake in it is returned by Start, with the line of the installation. It
// is read when the plugin is installed; later changes have no effect.
// Ktor: CompressionConfig.
type Config struct {
	Conditions

	// Mode says whether responses are encoded, requests decoded, or both, which
	// is the default. It is Ktor's mode.
	Mode Mode

	// MaxEncodingChainLength is how many codings Content-Encoding may name for
	// the body of a request: 2 by default. A Receive of a body with more is
	// refused with 400, and reading it fails. 0, or less, sets no limit, and
	// lets a request open as many decoders as its header has room to name. It
	// is Ktor's maxEncodingChainLength.
	MaxEncodingChainLength int

	// MaxDecodedContentLength is how many bytes a request's body may have once
	// decoded, and also between two codings: 50 MiB by default, as much as a
	// part of a multipart body. The read that would go beyond fails with a
	// *http.MaxBytesError, which is answered with 413. It bounds what is
	// streamed; [app.Config.BodyLimit], which is smaller, holds for decoded
	// text, bytes, forms and values beside it. 0, or less, sets no limit. It is
	// Ktor's maxDecodedContentLength, which sets none by default.
	MaxDecodedContentLength int64

	encoders offers
	streams  *EventStreamConfig // nil: event streams are left alone
}

// EncoderConfig says when and how one encoder is used. Its [Conditions] must
// hold beside the global ones; where they fail, the encoder that the client
// likes next is asked.
// Ktor: CompressionEncoderBuilder.
type EncoderConfig struct {
	Conditions

	// Priority decides between encoders that the client accepts equally: the
	// greater one wins, and of equal ones the one that was named first. 1 by
	// default, 0.9 for deflate; any number but NaN, whether negative or zero.
	Priority float64

	// Level is how much work is done for a smaller body; 0, the default, leaves
	// it to the encoder. Gzip and deflate know 1 to 9 and take 5; zstd knows 1
	// to 22, of which 1 to 2, 3 to 5, 6 to 9 and 10 to 22 are the same, and
	// takes 3. For gzip and deflate, levels up to 6 suit bodies that are
	// written in one go; see the package's chapter on streams.
	Level int

	encoder Encoder
}

// Default offers what is offered if no encoder is named, gzip and deflate, so
// that others can be named beside them. It answers to Ktor's default, which has
// identity as well.
func (c *Config) Default() {
	c.Gzip()
	c.Deflate()
}

// ZstdStandard offers zstd, gzip and deflate; to a client that likes them
// equally it sends zstd. The functions are for zstd. It answers to Ktor's
// zstdStandard, which has identity as well.
func (c *Config) ZstdStandard(configure ...func(*EncoderConfig)) {
	c.Zstd(configure...)
	c.Default()
}

// Gzip offers gzip (RFC 1952), with priority 1. Several functions are applied
// in order.
// Ktor: gzip.
func (c *Config) Gzip(configure ...func(*EncoderConfig)) {
	c.encoders = c.encoders.with(Encoder{Name: "gzip", NewWriter: newGzip, NewReader: newGzipReader}, 1, configure)
}

// Deflate offers deflate, with priority 0.9. It answers to Ktor's deflate, but
// sends the zlib format (RFC 1950) that the name stands for in HTTP.
func (c *Config) Deflate(configure ...func(*EncoderConfig)) {
	c.encoders = c.encoders.with(Encoder{Name: "deflate", NewWriter: newDeflate, NewReader: newDeflateReader}, 0.9, configure)
}

// Zstd offers zstd (RFC 8878) with a window of 512 KiB, with priority 1.
// Ktor: zstd.
func (c *Config) Zstd(configure ...func(*EncoderConfig)) {
	c.encoders = c.encoders.with(Encoder{Name: "zstd", NewWriter: newZstd, NewReader: newZstdReader}, 1, configure)
}

// Identity lets the plain body take part in the choice, with priority 1 and no
// default conditions. It answers to Ktor's identity, without the header that
// Ktor sets. Without it the plain body is sent if the client names identity and
// likes it better than every encoder, and if nothing else is left.
func (c *Config) Identity(configure ...func(*EncoderConfig)) {
	c.encoders = c.encoders.with(Encoder{Name: identity}, 1, configure)
}

// Encoder offers an encoder of your own, with priority 1.
// Ktor: encoder.
func (c *Config) Encoder(encoder Encoder, configure ...func(*EncoderConfig)) {
	if err := encoder.check(); err != nil {
		c.mistake(err)
		return
	}
	c.encoders = c.encoders.with(encoder, 1, configure)
}

// plan makes the configuration ready for use, or returns all that is wrong with
// it.
func (c *Config) plan() (*plan, error) {
	codings, mistakes := c.offered().codings(len(c.conditions) == 0)
	mistakes = append(slices.Clone(c.mistakes), mistakes...)
	made := &plan{conditions: c.conditions, codings: codings, vary: []string{"Accept-Encoding"}}
	if c.streams != nil {
		streams, wrong := c.streams.plan(c.conditions)
		made.streams = streams
		for _, err := range wrong {
			mistakes = append(mistakes, fmt.Errorf("event streams: %w", err))
		}
	}
	return made, errors.Join(mistakes...)
}

// offered returns the encoders that were named, or the default ones.
func (c *Config) offered() offers {
	if len(c.encoders) > 0 {
		return slices.Clone(c.encoders)
	}
	var byDefault Config
	byDefault.Default()
	return byDefault.encoders
}

// offers are encoders in the order in which they were named.
type offers []*EncoderConfig

func (o offers) with(encoder Encoder, priority float64, configure []func(*EncoderConfig)) offers {
	added := &EncoderConfig{Priority: priority, encoder: encoder}
	for _, apply := range configure {
		if apply != nil {
			apply(added)
		}
	}
	return append(o, added)
}

// codings makes the encoders ready for use, by falling priority, and returns
// all that is wrong with them. Alone says that there is no other condition, so
// that those which have none of their own get the default ones.
func (o offers) codings(alone bool) (made []*coding, mistakes []error) {
	for i, config := range o {
		name := config.encoder.Name
		if slices.ContainsFunc(o[:i], func(other *EncoderConfig) bool { return strings.EqualFold(other.encoder.Name, name) }) {
			mistakes = append(mistakes, fmt.Errorf("encoder %q: it is named twice", name))
			continue
		}
		added, err := config.coding(alone)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("encoder %q: %w", name, err))
			continue
		}
		made = append(made, added)
	}
	slices.SortStableFunc(made, func(a, b *coding) int { return cmp.Compare(b.priority, a.priority) })
	if !slices.ContainsFunc(made, func(known *coding) bool { return known.newWriter == nil }) {
		// Nothing at all is always on offer, to a client that asks for it.
		made = append(made, &coding{name: identity, unasked: true})
	}
	return made, mistakes
}

// coding makes one encoder ready for use. Without a condition of its own it
// gets the default ones if alone says that there is no global one.
func (e *EncoderConfig) coding(alone bool) (*coding, error) {
	mistakes := slices.Clone(e.mistakes)
	if !isToken(e.encoder.Name) || e.encoder.Name == "*" {
		mistakes = append(mistakes, errors.New("the name is not one that a content coding can have"))
	}
	if math.IsNaN(e.Priority) {
		mistakes = append(mistakes, errors.New("the priority is not a number"))
	}
	conditions := e.Conditions
	made := &coding{name: e.encoder.Name, priority: e.Priority, header: []string{e.encoder.Name}}
	made.wrap = made.open
	if create, level := e.encoder.NewWriter, e.Level; create != nil {
		made.newWriter = func() (Writer, error) { return create(level) }
		if _, err := made.newWriter(); err != nil {
			mistakes = append(mistakes, err)
		}
		if alone && len(conditions.conditions) == 0 {
			conditions = defaultConditions()
		}
	}
	made.conditions = conditions.conditions
	return made, errors.Join(mistakes...)
}
