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
//
// # Streams that listen
//
// With -listening the streams have joined a hub, and their handler has nothing
// else to do: 15,000 of them for Chitor, whose streams are parked then, for
// Chitor with streams that are held, for the reference, and for two libraries.
// There are scenes: with the header fields of curl, with those of a browser, over
// TLS, with a heartbeat, and in five waves. Each stream has had an event when the
// memory is measured. Between two waves all streams leave: what the last one takes
// is what streams take in a process that has had as many before. With -check it
// fails if those of Chitor take more than they may.
//
//	go run ./idle -listening -rounds 3
//
// An earlier commit can take part, as the variant "before". The programs are
// copied into it and built there, of one that parks no streams with -tags before:
//
//	git worktree add /tmp/before COMMIT
//	cp -r idle hubs reference /tmp/before/bench/
//	go -C /tmp/before/bench build -tags before -o /tmp/idle ./idle
//	go run ./idle -listening -against /tmp/idle
//
// What a stream of each variant keeps on the heap, object by object:
//
//	go run ./idle -listening -breakdown -sessions 4000 -scenes curl,browser -variants chitor
package main
