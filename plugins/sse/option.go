package sse

// An Option configures one stream.
type Option func(*options)

type options struct{ serializer Serializer }

// Serialize sets the serializer of one stream. Nil leaves the stream without
// one, whatever the configuration of the plugin says.
//
// Ktor: the parameter serialize of sse.
func Serialize(serializer Serializer) Option {
	return func(o *options) { o.serializer = serializer }
}
