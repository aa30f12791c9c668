// Package encode measures what it costs to encode one event beside the
// libraries that other servers of event streams are written with, each in the
// way that it is used, and beside fmt.Fprintf.
package encode
