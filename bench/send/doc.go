// Package send measures what it costs to send an event on an open stream, above
// net/http: the session of plugins/sse beside the reference.
package send
