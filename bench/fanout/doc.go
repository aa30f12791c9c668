// Fanout measures what it costs to send events to many clients: for Chitor's hub,
// as it is without any configuration and with streams that are held, for the hub
// of bench/reference, and for two libraries that have one. A delivery is one event
// that one client has received.
//
// Each measurement has a fresh process that serves. The clients are one thread of
// the program itself, which counts events in what arrives and does nothing else.
// The variants take turns, in another order in each round. It needs Linux, and for
// the growth a limit of open files above 18,000.
//
//	go run ./fanout
//	ulimit -n 20000
//	go run ./fanout -growth -events 50 -rounds 3 -plot ../docs/fanout.svg
//
// Flat out means that events are published as fast as the hub takes them, some
// hundreds in a row. One at a time means that each is published when all clients
// have received the last: no hub can send two events at once then, and what is
// measured is the way of one event.
//
// With -growth the number of clients grows, in the same process, and a plot is
// drawn. With -profile a variant's server writes a profile of its CPU:
//
//	go run ./fanout -variants chitor -rounds 1 -profile cpu.out
//
// With -tls all of it is over TLS 1.3. The clients decrypt then, in the same one
// thread, so that times say little, and the CPU of the server is what to compare:
//
//	go run ./fanout -tls -variants reference,chitor,chitor-held
package main
