// Idle measures what an event stream costs that is open and sends nothing: the
// memory of a process with 10,000 of them, for Chitor, for the reference, and
// for the reference on a route of bare chi, without a heartbeat, between two
// beats, and the most that it is while each has its next beat.
//
// Each measurement is a fresh process that serves, and a second one that holds
// the clients' ends of the connections, so that only the server's memory is
// counted. The variants take turns. It needs Linux, and room for as many open
// files as there are sessions:
//
//	ulimit -n 20000
//	go run ./idle
//
// Sessions that were opened within a second or two beat within a second or two.
// With -stalled the process is stopped until the beats of all are due, so that
// they fall together, as after a machine has stood still.
package main
