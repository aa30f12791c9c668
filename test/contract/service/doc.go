// Service lets LaunchDarkly's contract tests for SSE clients
// (github.com/launchdarkly/sse-contract-tests) drive client/eventsource: it
// opens the streams that the tests ask for and tells them what arrives.
// docs/conformance.md says how to run the tests, and their result.
//
// It listens on loopback alone, on PORT (8080 by default, 0 for any free port),
// and ends when the tests tell it to.
package main
