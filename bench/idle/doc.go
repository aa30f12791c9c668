// Idle measures what an open event stream costs that sends nothing: the memory of
// a process with 10,000 of them. It does so for Chitor, for the reference, and
// for the reference on a route of bare chi; without a heartbeat, between two
// beats, and at most while each stream has its next beat.
//
// Each measurement has a fresh process that serves, and a second one for the
// clients, so that only the server's memory is counted. The variants take turns.
// It needs Linux, and a limit of open files above the number of sessions:
//
//	ulimit -n 20000
//	go run ./idle
//
// Sessions that were opened within a second or two beat within a second or two.
// With -stalled the process is stopped until all beats are due, so that they fall
// together, as after a machine was suspended.
package main
