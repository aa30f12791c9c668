// Package brokertest has the tests that every [sse.Broker] must pass, as
// testing/fstest has those of a file system.
//
//	func TestBroker(t *testing.T) {
//		brokertest.Test(t, func(t *testing.T) brokertest.Log {
//			server := startServer(t)
//			return brokertest.Log{
//				Open:    func(t testing.TB) sse.Broker { return connect(t, server) },
//				Trim:    server.trim,
//				Restart: server.restart,
//			}
//		})
//	}
//
// [Test] asks for a log of its own for each test, and opens it as several nodes
// of an application do. The functions of [Log] that an engine cannot have are
// nil, and the tests that need them are left out.
//
// [TestNodes] puts hubs on the log: several applications, clients that go from
// one to another, and the same disasters. It shows that what was acknowledged to
// a publisher is delivered to every client once and in order, or that the client
// is told.
//
// The tests never sleep. They wait for what must come, a minute at most, so that
// a slow machine or server fails none of them. [TestInBubbles] and
// [TestNodesInBubbles] run each in a bubble of testing/synctest, for a log in the
// process's own memory: there a minute is over at once, and a goroutine that is
// left behind fails the test.
package brokertest
