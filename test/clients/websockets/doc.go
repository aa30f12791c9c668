// Websockets is what the tests of real WebSocket clients talk to: a browser, npm's
// ws, and the fuzzing client of the Autobahn test suite.
//
//	go run ./test/clients/websockets -deflate context -limit 16777216
package main
