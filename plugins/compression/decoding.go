package compression

import (
	"errors"
	"fmt"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// A decoding is what an installation does with the bodies of requests. It
// serves any number of them at once.
type decoding struct {
	decoders []*decoder
	maxChain int   // how many codings a body may have; not positive: any number
	limit    int64 // how long a body may become; not positive: any length
	accept   []string
}

// decoding makes the configuration ready for use, or returns all that is wrong
// with it.
func (c *Config) decoding() (*decoding, error) {
	made := &decoding{maxChain: c.MaxEncodingChainLength, limit: c.MaxDecodedContentLength}
	var names []string
	var mistakes []error
	for _, offered := range c.offered() {
		name, create := offered.encoder.Name, offered.encoder.NewReader
		if create == nil {
			continue
		}
		if _, err := create(); err != nil {
			mistakes = append(mistakes, fmt.Errorf("encoder %q: reader: %w", name, err))
		}
		made.decoders = append(made.decoders, &decoder{name: name, newReader: create})
		names = append(names, name)
	}
	if len(names) == 0 {
		names = []string{identity}
	}
	made.accept = []string{strings.Join(names, ", ")}
	return made, errors.Join(mistakes...)
}

// install has the installation decode.
func (d *decoding) install(b *app.PluginBuilder[Config]) {
	// After limits, which stand in Setup and count what arrives, and before
	// everything else that may read the body.
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

// codings returns how many codings the lines of a Content-Encoding header name.
func codings(lines []string) (n int) {
	for range elements(lines) {
		n++
	}
	return n
}

// elements yields the codings that the lines of a Content-Encoding header name,
// the innermost first.
func elements(lines []string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, line := range lines {
			for more := true; more; {
				var element string
				element, line, more = strings.Cut(line, ",")
				if element = trim(element); element != "" && !yield(element) {
					return
				}
			}
		}
	}
}
