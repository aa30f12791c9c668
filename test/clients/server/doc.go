// Server is what the tests of real clients call: browsers, npm's readers of
// event streams, curl and nginx. Each route is one thing that a client must get
// right, and each stream says by itself what has happened, so that no test has
// to measure time.
//
// It listens on HOST, loopback alone by default, on PORT (8080 by default, 0 for
// any free port), and logs where. LIBRARIES names a directory node_modules, from
// which the pages load what they test.
package main
