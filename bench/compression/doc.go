// Package compression measures plugins/compression and the Go middlewares that do
// the same, and shows what each of them does with responses that are easy to get
// wrong.
package compression
