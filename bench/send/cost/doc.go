// Cost measures what events cost that are sent one after the other on streams
// over TCP: the CPU time of the process that serves them, and how long they are
// on their way. It does so for Chitor, and for the reference, which makes one
// write for each event.
//
//	go run ./send/cost
//
// An earlier commit can take part. The program is copied into it and built there:
//
//	git worktree add /tmp/before COMMIT
//	cp -r send/cost /tmp/before/bench/send/
//	go -C /tmp/before/bench build -o /tmp/cost ./send/cost
//	go run ./send/cost -before /tmp/cost
//
// Each measurement has a fresh process that serves, which the system tells the
// CPU time of. The variants take turns.
package main
