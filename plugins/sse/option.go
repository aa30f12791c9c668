package sse

import "errors"

// An Option configures one stream. A nil Option is a mistake.
type Option func(*options)

type options struct{ serializer Serializer }

// newOptions returns what choices make of the configuration's defaults.
func newOptions(config *Config, choices []Option) (options, error) {
	chosen := options{serializer: config.Serializer}
	for _, choose := range choices {
		if choose == nil {
			return chosen, errors.New("an option is nil")
		}
		choose(&chosen)
	}
	return chosen, nil
}

// Serialize sets the serializer of one stream. Nil leaves the stream without
// one, whatever the configuration of the plugin says.
//
// Ktor: the parameter serialize of sse.
func Serialize(serializer Serializer) Option {
	return func(o *options) { o.serializer = serializer }
}
