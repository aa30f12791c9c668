// Nodes measures a broadcast over several processes on one machine: nodes of
// Chitor's hub, each with many streams, and a publisher whose events come to them
// through an embedded NATS server. It says what each node has in memory, the CPU
// time of an event and of a delivery, and how long it takes until the last of all
// clients has an event.
//
//	go run ./nodes -nodes 4 -streams 18000 -events 50
//
// Publisher and NATS are one process, each node is one, and the clients of each
// node are one, of one thread, which counts events and does nothing else. An event
// is published when all clients have the last. It needs Linux, and for each
// process a limit of open files above the number of streams; the clients of a node
// have several addresses of the loopback network, because one has 28,000 ports.
//
// All processes share one machine, so the time until the last client has an event
// is mostly that of the processors there are: with more machines, or more
// processors, it is shorter.
package main
