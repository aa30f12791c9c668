// Package send measures what it costs to send an event on an open stream, on top
// of net/http: the session of plugins/sse in comparison with the reference. The
// program in the folder cost measures floods of events, over TCP.
package send
