// Package reference is an event stream, and a hub that sends events to many of
// them, written by hand on net/http: what a careful engineer writes without a
// framework. The benchmarks in the folders around it compare Chitor with it, in
// one run. It is not changed to suit them.
package reference
