// Package archtest holds no code: its tests keep the repository in the shape
// that docs/architecture.md draws.
package archtest
