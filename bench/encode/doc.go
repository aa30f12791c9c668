// Package encode measures what it costs to encode one event, in comparison with
// the libraries that other servers of event streams use, each in the way that it
// is used, and with fmt.Fprintf.
package encode
