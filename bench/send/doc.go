// Package send measures what it costs to send an event on an open stream, on top
// of net/http: the session of plugins/sse in comparison with the reference.
package send
