// Package ssetest reads event streams in tests.
//
//	func TestTicks(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) { // in fake time
//			host := apptest.Start(t, Module)
//			events := ssetest.Take(t, host.Get("/ticks").Body, 2)
//			assert.Equal(t, "1", events[1].Data)
//		})
//	}
//
// [Events] is for a loop over a whole stream, [Take] for one that stays open, or
// a test that goes back and forth: it takes a number of events and leaves the
// rest where it is. Both fail the test on a stream that breaks off, which is how
// a server ends a stream whose handler failed.
//
// Neither needs a time-out of its own. In a testing/synctest bubble a stream
// that stays silent is reported as a deadlock; elsewhere the deadline of the
// request ends the wait.
package ssetest
