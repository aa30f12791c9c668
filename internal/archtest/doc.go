// Package archtest has only tests. They assert the imports that
// docs/architecture.md allows, and the rules of CONTRIBUTING.md that a program
// can check.
package archtest
