package compression

import (
	"fmt"
	"slices"

	"github.com/chitor-go/chitor/internal/mistakes"
)

// EventStreamConfig says with which encoders event streams are encoded, and how
// many at once. The zero EventStreamConfig offers zstd, then gzip; naming any
// encoder drops both. The encoders of [Config] are for other responses: those
// of a stream hold less memory, stay open as long as the stream does, and never
// forget what they have sent.
//
// Its [Conditions] must hold besides the global ones of [Config] and those of
// each encoder. The default conditions are not asked. A stream's length is not
// known, so that it passes any minimum size. A nil configuration function is a
// mistake.
type EventStreamConfig struct {
	Conditions

	// MaxEncoders is how many streams one installation may encode at the same
	// time; beyond it a stream is served plain. 500 by default, whose encoders
	// hold 0.5 GiB at most if they are the default ones. 0 switches the limit
	// off, negative is a mistake.
	MaxEncoders int

	encoders offers
}

// EventStreams lets event streams be encoded, which are otherwise left alone:
// those of plugins/sse, and responses of Content-Type text/event-stream. Each
// flush sends what was written since the one before in a form that the client
// can decode at once, so events and heartbeats arrive as they do in a plain
// stream, and several events between two flushes share the cost of one. Several
// calls, and several functions of one, are applied in order.
//
// It pays where events are large and resemble each other, and costs 0.6 MiB and
// more for each open stream. A stream that sends a secret must not be encoded
// if it also sends text that somebody else chooses: see docs/compression.md.
func (c *Config) EventStreams(configure ...func(*EventStreamConfig)) {
	if c.streams == nil {
		c.streams = &EventStreamConfig{MaxEncoders: 500}
	}
	c.streams.mistakes.Add(mistakes.Configure(c.streams, configure))
}

// streamZstdWindow is larger than most events, and small enough to be held by
// every open stream.
const streamZstdWindow = 128 << 10

// Zstd offers zstd (RFC 8878) with a window of 128 KiB, with priority 1. Its
// level is 1 by default: for streams, more work saves little.
func (e *EventStreamConfig) Zstd(configure ...func(*EncoderConfig)) {
	e.encoders = e.encoders.with(Encoder{Name: "zstd", NewWriter: func(level int) (Writer, error) {
		return openZstd(level, 1, streamZstdWindow)
	}}, 1, configure)
}

// Gzip offers gzip (RFC 1952), with priority 1. Its level is 7, 8 or 9, and 7
// by default. A lower one is a mistake: it forgets what came before at the
// flush of a small event, which then grows instead of shrinking.
func (e *EventStreamConfig) Gzip(configure ...func(*EncoderConfig)) {
	e.encoders = e.encoders.with(Encoder{Name: "gzip", NewWriter: remembering(newGzip)}, 1, configure)
}

// Deflate offers deflate, in the zlib format (RFC 1950), with priority 0.9 and
// the levels of [EventStreamConfig.Gzip].
func (e *EventStreamConfig) Deflate(configure ...func(*EncoderConfig)) {
	e.encoders = e.encoders.with(Encoder{Name: "deflate", NewWriter: remembering(newDeflate)}, 0.9, configure)
}

// Encoder offers an encoder of your own, with priority 1. Its writers must
// remember what they have sent after a Flush, or small events grow; their
// window is best somewhat larger than what the stream repeats.
func (e *EventStreamConfig) Encoder(encoder Encoder, configure ...func(*EncoderConfig)) {
	if err := encoder.check(); err != nil {
		e.mistakes.Add(err)
		return
	}
	e.encoders = e.encoders.with(encoder, 1, configure)
}

// remembering lets only levels through at which the writers of
// klauspost/compress keep their history at a flush that finds fewer than 128
// bytes.
func remembering(create func(level int) (Writer, error)) func(level int) (Writer, error) {
	const lowest = 7
	return func(level int) (Writer, error) {
		switch {
		case level == 0:
			level = lowest
		case level > 0 && level < lowest:
			return nil, fmt.Errorf("level %d would make small events grow: event streams need %d to 9", level, lowest)
		}
		return create(level)
	}
}

// newStreamEncoding makes config ready for use, with the global conditions, and
// returns all mistakes in it.
func newStreamEncoding(config EventStreamConfig, global []condition) (*encoding, mistakes.List) {
	if len(config.encoders) == 0 {
		config.Zstd()
		config.Gzip()
	}
	codings, wrong := config.encoders.codings(false)
	wrong = slices.Concat(config.mistakes, wrong)
	made, err := encodingOf(codings, slices.Concat(global, config.conditions), config.MaxEncoders)
	wrong.Add(err)
	return made, wrong
}
