// Package hostile holds no code but its tests: clients that mean harm, against
// the server of package engine. docs/engine.md, "Limits", names what each of
// them meets.
//
// It is a module of its own, so that nobody else depends on golang.org/x/net,
// whose Framer writes what no honest client would.
package hostile
