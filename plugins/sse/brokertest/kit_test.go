package brokertest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/brokertest"
)

func TestKitPassesACorrectBroker(t *testing.T) {
	t.Run("in bubbles", func(t *testing.T) {
		brokertest.TestInBubbles(t, func(*testing.T) brokertest.Log { return newMemory().log() })
	})
	t.Run("in real time", func(t *testing.T) {
		brokertest.Test(t, func(*testing.T) brokertest.Log { return newMemory().log() })
	})
	t.Run("with Open alone", func(t *testing.T) {
		brokertest.TestInBubbles(t, func(*testing.T) brokertest.Log {
			return brokertest.Log{Open: newMemory().log().Open}
		})
	})
}

// faults are what a broker does wrong, the test that finds it, and what this
// then prints.
var faults = map[string]struct{ test, says string }{
	"messages come twice":             {"replay, then live", "Not equal"},
	"messages change places":          {"many nodes at once", "Not equal"},
	"messages get lost":               {"long ranges", "message 992 of 1002"},
	"an epoch is not compared":        {"gaps", "Range after -4"},
	"a trimmed log is no gap":         {"a trimmed log", "Range after e0-0"},
	"beyond the end is no gap":        {"gaps", "Range after e0-7"},
	"the epoch stays":                 {"a log that begins anew", "Should not be: \"e0\""},
	"a restart forgets":               {"killed while nothing happens", "Not equal"},
	"a restart begins anew":           {"killed while nothing happens", "the log does not go back so far"},
	"offsets are used again":          {"a lost tail is told", "deadline exceeded"},
	"an epoch of several parts":       {"an empty log", "Last returns no position"},
	"nodes share nothing":             {"many nodes at once", "after 160 messages"},
	"Last forgets what was trimmed":   {"a log trimmed to nothing", "Not equal"},
	"topics are folded":               {"any topic", "the topic of"},
	"data is cut":                     {"any bytes", "the data of"},
	"topics are ignored":              {"ranges", "Not equal"},
	"limits count every topic":        {"ranges", "Not equal"},
	"Range goes on":                   {"readers may stop", "range function continued iteration"},
	"Publish ignores its context":     {"contexts end calls", "Publish"},
	"Subscribe ignores its context":   {"contexts end calls", "deadlock"},
	"Subscribe ends without an error": {"contexts end calls", "Subscribe has ended without an error"},
	"a slow reader skips":             {"trimmed under a slow reader", "Subscribe goes on after what is missing"},
}

const faultName = "CHITOR_BROKERTEST_FAULT"

// TestFaultyBroker runs the kit on one faulty broker, in a process that
// [TestKitFindsFaults] starts. In any other process there is nothing to do.
func TestFaultyBroker(t *testing.T) {
	switch fault := os.Getenv(faultName); fault {
	case "":
	case "no function":
		brokertest.Test(t, nil)
	case "no Open":
		brokertest.Test(t, func(*testing.T) brokertest.Log { return brokertest.Log{} })
	case "Open returns nil":
		brokertest.Test(t, func(*testing.T) brokertest.Log {
			return brokertest.Log{Open: func(testing.TB) sse.Broker { return nil }}
		})
	default:
		brokertest.TestInBubbles(t, func(*testing.T) brokertest.Log { return newMemory(fault).log() })
	}
}

func TestKitFindsFaults(t *testing.T) {
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Contains(t, runFault(t, name, "TestFaultyBroker", fault.test), fault.says)
		})
	}
}

// nodeFaults are the same for the tests of nodes.
var nodeFaults = map[string]struct{ test, says string }{
	"messages get lost":        {"clients move", "whether a client of"},
	"limits count every topic": {"many come back at once", "whether a client of [a] gets"},
	"a restart begins anew":    {"the server is killed", "a client is told of a gap"},
	"a trimmed log is no gap":  {"the log is trimmed", "it has missed something"},
	"the epoch stays":          {"the log begins anew", "Messages:   \tclient "},
	"offsets are used again":   {"the log loses its tail", "whether a client of [a b] gets"},
	"nodes share nothing":      {"a node is killed", "a stream ends before its first event"},
}

// TestFaultyNodes is TestFaultyBroker for the tests of nodes.
func TestFaultyNodes(t *testing.T) {
	if fault := os.Getenv(faultName); fault != "" {
		brokertest.TestNodesInBubbles(t, func(*testing.T) brokertest.Log { return newMemory(fault).log() })
	}
}

func TestKitFindsFaultsOfNodes(t *testing.T) {
	for name, fault := range nodeFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Contains(t, runFault(t, name, "TestFaultyNodes", fault.test), fault.says)
		})
	}
}

func TestKitFindsItsOwnMisuse(t *testing.T) {
	for name, says := range map[string]string{
		"no function":      "brokertest: the function that begins a log is nil",
		"no Open":          "brokertest: Log.Open is nil",
		"Open returns nil": "Open returns nil",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Contains(t, runFault(t, name, "TestFaultyBroker", ""), says)
		})
	}
}

// runFault returns what the kit prints about a faulty broker.
func runFault(t *testing.T, name, test, subtest string) string {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	pattern := "^" + test + "$"
	if subtest != "" {
		pattern += "/^" + strings.ReplaceAll(subtest, " ", "_") + "$"
	}
	// Some faults show in most schedules, not in all.
	command := exec.CommandContext(t.Context(), program, "-test.run="+pattern, "-test.count=50", "-test.failfast")
	command.Env = append(os.Environ(), faultName+"="+name)
	output, err := command.CombinedOutput()
	require.Error(t, err, "the kit finds nothing:\n%s", output)
	return string(output)
}

func TestNodesWithACorrectBroker(t *testing.T) {
	t.Run("in bubbles", func(t *testing.T) {
		brokertest.TestNodesInBubbles(t, func(*testing.T) brokertest.Log { return newMemory().log() })
	})
	t.Run("in real time", func(t *testing.T) {
		brokertest.TestNodes(t, func(*testing.T) brokertest.Log { return newMemory().log() })
	})
}
