package brokertest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
)

// patience is how long a test waits for what must come.
const patience = time.Minute

// A Log is a log that is empty, and what is done to it. Only Open is needed.
// All functions are called on the goroutine of a test.
type Log struct {
	// Open returns a broker on the log, as one node of an application has it. It
	// is called several times, and what it opens is closed by t.Cleanup.
	Open func(t testing.TB) sse.Broker

	// Trim takes the oldest messages out of the log and leaves the newest, as
	// many as keep says, as the engine does when the log is full.
	Trim func(t testing.TB, keep int)

	// Forget takes everything out of the log, its name or number included, as
	// when somebody empties the server: what is published next begins a new one.
	Forget func(t testing.TB)

	// Restart kills the server in the middle of what it does, and starts it again
	// with what it has stored. It returns when the server can be used again. What
	// was acknowledged before must be stored.
	Restart func(t testing.TB)

	// Lose makes the server forget what happens while during runs, as when a
	// replica takes over that had not got so far. The server may have been away
	// when Lose returns.
	Lose func(t testing.TB, during func())
}

// Test runs every test of a broker on a log that begin returns, an empty one for
// each.
func Test(t *testing.T, begin func(t *testing.T) Log) {
	t.Helper()
	each(t, rules(), begin, func(t *testing.T, body func(t *testing.T)) { body(t) })
}

// TestInBubbles does the same, with each test in a bubble of testing/synctest.
// begin is called in the bubble.
func TestInBubbles(t *testing.T, begin func(t *testing.T) Log) {
	t.Helper()
	each(t, rules(), begin, synctest.Test)
}

// TestNodes runs applications with a hub on a log that begin returns, an empty
// one for each test, and clients that go from one application to another. Its
// tests are about what a client gets when a client moves, a node or the server
// is killed, and messages are lost.
func TestNodes(t *testing.T, begin func(t *testing.T) Log) {
	t.Helper()
	each(t, nodeRules(), begin, func(t *testing.T, body func(t *testing.T)) { body(t) })
}

// TestNodesInBubbles does the same, with each test in a bubble of
// testing/synctest. begin is called in the bubble.
func TestNodesInBubbles(t *testing.T, begin func(t *testing.T) Log) {
	t.Helper()
	each(t, nodeRules(), begin, synctest.Test)
}

func each(
	t *testing.T, all []rule, begin func(t *testing.T) Log, within func(t *testing.T, body func(t *testing.T)),
) {
	t.Helper()
	if begin == nil {
		t.Fatal("brokertest: the function that begins a log is nil")
	}
	for _, rule := range all {
		t.Run(rule.name, func(t *testing.T) {
			within(t, func(t *testing.T) {
				log := begin(t)
				require.NotNil(t, log.Open, "brokertest: Log.Open is nil")
				if rule.needs(log) {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					rule.run(&probe{TB: t, ctx: ctx, log: log})
				}
			})
		})
	}
}

// A rule is one test. It is left out for a log that has not what it needs.
type rule struct {
	name  string
	needs func(log Log) bool
	run   func(p *probe)
}

// What a rule needs.
func always(Log) bool      { return true }
func trim(log Log) bool    { return log.Trim != nil }
func forget(log Log) bool  { return log.Forget != nil }
func restart(log Log) bool { return log.Restart != nil }
func lose(log Log) bool    { return log.Lose != nil }

func rules() []rule {
	return []rule{
		{"positions grow", always, testPositionsGrow},
		{"an empty log", always, testEmptyLog},
		{"any bytes", always, testAnyBytes},
		{"any topic", always, testAnyTopic},
		{"ranges", always, testRanges},
		{"long ranges", always, testLongRanges},
		{"replay, then live", always, testReplayThenLive},
		{"from the end", always, testFromTheEnd},
		{"many nodes at once", always, testManyNodes},
		{"contexts end calls", always, testContexts},
		{"readers may stop", always, testReadersMayStop},
		{"gaps", always, testGaps},
		{"gaps of an empty log", always, testGapsOfAnEmptyLog},
		{"a trimmed log", trim, testTrimmed},
		{"a log trimmed to nothing", trim, testTrimmedToNothing},
		{"trimmed under a slow reader", trim, testTrimmedUnderAReader},
		{"a log that begins anew", forget, testForgotten},
		{"many begin anew", forget, testManyBeginAnew},
		{"killed in the middle", restart, testRestarted},
		{"killed while nothing happens", restart, testRestartedAtRest},
		{"a lost tail", lose, testLostTail},
		{"a lost tail is told", lose, testLostTailIsTold},
	}
}

func nodeRules() []rule {
	return []rule{
		{"clients move", always, testClientsMove},
		{"many come back at once", always, testManyComeBack},
		{"a node is killed", always, testNodeKilled},
		{"the server is killed", restart, testServerKilled},
		{"the log is trimmed", trim, testTrimmedLogIsTold},
		{"the log begins anew", forget, testForgottenLogIsTold},
		{"the log loses its tail", lose, testLostTailReachesClients},
	}
}
