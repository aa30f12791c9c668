// Package serve measures what a call costs in comparison with bare chi and bare
// net/http, with the same headers, at ServeHTTP and over loopback.
package serve
