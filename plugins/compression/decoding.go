package compression

import (
	"fmt"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// A decoding is what an installation does with the bodies of requests. It never
// changes, and serves any number of calls at once.
type decoding struct {
	decoders []*decoder
	maxChain int      // how many codings a body may have; 0 or less: no limit
	limit    int64    // how many bytes a body may have, decoded; 0 or less: no limit
	accept   []string // Accept-Encoding of 415, shared by all responses and never written
}

// newDecoding makes ready what config says of requests, or returns all mistakes
// in the decoders.
func newDecoding(config Config) (*decoding, error) {
	made := &decoding{maxChain: config.MaxEncodingChainLength, limit: config.MaxDecodedContentLength}
	var names []string
	var wrong mistakes.List
	for _, offered := range config.offered() {
		name, create := offered.encoder.Name, offered.encoder.NewReader
		if create == nil {
			continue
		}
		if _, err := create(); err != nil {
			wrong.Add(fmt.Errorf("encoder %q: reader: %w", name, err))
		}
		made.decoders = append(made.decoders, &decoder{name: name, newReader: create})
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
	b.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
		return func(c *app.Call) error {
			d.prepare(c)
			return next(c)
		}
	})
	b.InterceptReceive(app.ReceiveBefore, d.refuse)
	b.OnResponseSent(endRequest)
}

// find returns the decoder of a coding, or nil.
func (d *decoding) find(name string) *decoder {
	for _, known := range d.decoders {
		if isNamed(name, known.name) {
			return known
		}
	}
	return nil
}
