// Package compat holds no code but its tests: Chitor with the middlewares and
// handlers of others, beside bare chi. docs/compatibility.md is written from
// them, and says how a row is added.
//
// It is a module of its own, so that nobody else depends on these libraries.
package compat
