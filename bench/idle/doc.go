// Idle measures what an event stream costs that is open and sends nothing: the memory of a process with 10,000 of them, for
// Chitor and for the reference, without a heartbeat, between two beats, and at a beat that falls on all of them at once.
//
// Each measurement is a fresh process that serves, and a second one that holds the clients' ends of the connections, so that
// only the server's memory is counted. The variants take turns. It needs Linux, and room for as many open files
// as there are sessions:
//
//	ulimit -n 20000
//	go run ./idle
package main
