// Package reference is an event stream written by hand on net/http: what a
// careful engineer writes without a framework. The benchmarks beside it measure
// Chitor against it, in one run. It is not changed to suit them.
package reference
