// Package adopt holds no code but its benchmarks: what sse.Adopt costs on the root
// of all routes.
package adopt
