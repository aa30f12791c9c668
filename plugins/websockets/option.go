package websockets

import (
	"errors"
	"fmt"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// An Option configures one WebSocket. A nil Option is a mistake.
type Option func(*options)

type options struct {
	converter    Converter
	events       EventForm
	subprotocols []string
	lastEventID  string // of the call
}

// newOptions returns what choices make of the configuration's defaults.
func newOptions(config *Config, choices []Option) (options, error) {
	chosen := options{converter: config.Converter, events: config.Events}
	for _, choose := range choices {
		if choose == nil {
			return chosen, errors.New("an option is nil")
		}
		choose(&chosen)
	}
	for _, name := range chosen.subprotocols {
		if !httpheader.IsToken(name) {
			return chosen, fmt.Errorf("subprotocol %q: that is no token", name)
		}
	}
	return chosen, nil
}

// Convert sets the converter of one WebSocket. Nil leaves it without one,
// whatever the configuration of the plugin says.
func Convert(converter Converter) Option {
	return func(o *options) { o.converter = converter }
}

// Subprotocols names the subprotocols that a WebSocket speaks, the one that is
// liked best first. A client that asks for none of them is refused with 400. By
// default the WebSocket has none, whatever the client asks for.
//
// Ktor: the parameter protocol of webSocket.
func Subprotocols(names ...string) Option {
	return func(o *options) { o.subprotocols = names }
}
