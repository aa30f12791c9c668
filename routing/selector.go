package routing

import "net/http"

// A selector is what one node of the tree asks of a call. Each kind is a type
// of its own, which holds everything that tells it from the others:
//
//	constant, wildcard              segment.go    one segment of the path
//	parameter, expression           parameter.go  one segment, or a part of it
//	span                            span.go       some segments
//	tail, mount                     rest.go       all segments that remain
//	slash                           slash.go      a trailing slash
//	byMethod                        method.go     the method
//	condition                       condition.go  anything else about the call
//	group                           group.go      nothing
//
// A new kind is a new type with these methods, and what makes it: a case in
// parsePiece if it is written in paths, otherwise a method of [Route].
type selector interface {
	// key is equal for selectors that ask for the same. Of equal selectors below
	// one node there is only one.
	key() any

	// extend adds the selector to the outline of what is above it, or returns
	// why it cannot be there.
	extend(above *outline) error

	// match tries the selector, at a node, on the segments of a walk from an
	// index on.
	match(w *walk, at *node, index int) fit

	// role returns how a walk treats the selector.
	role() role
}

// A role is what kind of question a selector asks. A walk knows roles, not the
// kinds of selectors.
type role uint8

const (
	onPath    role = iota // about the segments of the path, one after the other
	onRest                // about all that remain: beside it nothing can be blamed
	onMethod              // about the method, which may fit in a way that is worse than none
	onCall                // about something else
	onNothing             // about nothing: a walk does not see it
)

// fit is how a selector fits a call. A failure says that it does not.
type fit struct {
	quality  float64  // one of the qualities of walk.go, or a q-value
	taken    int      // how many segments it takes
	captures bool     // they are the value of a parameter, * or tail
	skip     int      // how many bytes at their beginning are no part of the value
	drop     int      // and at their end
	groups   []string // the values of several names, in place of theirs
	failure  int      // the status that says why there is none, or 0
}

// value returns the value of the text that was taken.
func (f fit) value(taken string) string { return taken[f.skip : len(taken)-f.drop] }

// unfit is how a selector fails that has nothing to say about the status.
func unfit() fit { return fit{failure: http.StatusNotFound} }

// root is the selector of the root: it takes every call.
type root struct{}

func (r root) key() any                  { return r }
func (root) extend(*outline) error       { return nil }
func (root) match(*walk, *node, int) fit { return fit{quality: qualityConstant} }
func (root) role() role                  { return onPath }
