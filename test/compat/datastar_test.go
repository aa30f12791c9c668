package compat_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	theirs "github.com/starfederation/datastar-go/datastar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ours "github.com/chitor-go/chitor/plugins/datastar"
	"github.com/chitor-go/chitor/plugins/sse"
)

// written is a sender that keeps its events, as they go over the wire.
type written struct{ wire []byte }

func (w *written) Send(event sse.Event) (err error) {
	w.wire, err = event.AppendText(w.wire)
	return err
}

// dispatched is an event as Datastar takes it, with the time to retry of its
// block, which no listener is told.
type dispatched struct {
	sse.Event
	retry time.Duration
}

func dispatch(t *testing.T, wire []byte) []dispatched {
	t.Helper()
	reader := sse.NewReader(bytes.NewReader(wire))
	var events []dispatched
	for event, err := range reader.All() {
		require.NoError(t, err)
		retry, _ := reader.Retry()
		events = append(events, dispatched{event, retry})
	}
	return events
}

// TestDatastarSendsWhatItsOwnSDKSends: the same calls lead to the same events,
// with the same lines in the same order. The order of the fields around them and
// the line ends are those of each server.
func TestDatastarSendsWhatItsOwnSDKSends(t *testing.T) {
	for name, test := range map[string]struct {
		theirs func(s *theirs.ServerSentEventGenerator) error
		ours   func(to *written) error
	}{
		"elements": {
			func(s *theirs.ServerSentEventGenerator) error {
				return s.PatchElements("<p id=\"a\">\n  <b>1</b>\n</p>\n")
			},
			func(to *written) error { return ours.PatchElements(to, "<p id=\"a\">\n  <b>1</b>\n</p>\n") },
		},
		"elements with all options": {
			func(s *theirs.ServerSentEventGenerator) error {
				return s.PatchElements("<circle/>", theirs.WithSelectorID("vis"), theirs.WithModeBefore(), theirs.WithNamespaceSVG(),
					theirs.WithViewTransitions(), theirs.WithPatchElementsEventID("7"), theirs.WithRetryDuration(2500*time.Millisecond))
			},
			func(to *written) error {
				return ours.PatchElements(to, "<circle/>", ours.Selector("#vis"), ours.Before, ours.SVG,
					ours.ViewTransition(), ours.EventID("7"), ours.Retry(2500*time.Millisecond))
			},
		},
		"remove": {
			func(s *theirs.ServerSentEventGenerator) error { return s.RemoveElement("#a > li") },
			func(to *written) error { return ours.RemoveElements(to, "#a > li") },
		},
		"signals": {
			func(s *theirs.ServerSentEventGenerator) error {
				return s.MarshalAndPatchSignalsIfMissing(map[string]any{"html": "<b>&\r\n</b>\u2028", "n": 1.5, "gone": nil})
			},
			func(to *written) error {
				return ours.PatchSignals(to, map[string]any{"html": "<b>&\r\n</b>\u2028", "n": 1.5, "gone": nil}, ours.OnlyIfMissing())
			},
		},
		"a script": {
			func(s *theirs.ServerSentEventGenerator) error {
				return s.ExecuteScript("if (a) {\n\tb()\n}", theirs.WithExecuteScriptAttributeKVs("type", "module"), theirs.WithExecuteScriptEventID("8"))
			},
			func(to *written) error {
				return ours.ExecuteScript(to, "if (a) {\n\tb()\n}", ours.Attribute("type", "module"), ours.EventID("8"))
			},
		},
		"a script that stays": {
			func(s *theirs.ServerSentEventGenerator) error {
				return s.ExecuteScript("1", theirs.WithExecuteScriptAutoRemove(false), theirs.WithExecuteScriptRetryDuration(time.Minute))
			},
			func(to *written) error { return ours.ExecuteScript(to, "1", ours.Stay(), ours.Retry(time.Minute)) },
		},
		"the console": {
			func(s *theirs.ServerSentEventGenerator) error {
				return errors.Join(s.ConsoleLog("it's \"here\"\n"), s.ConsoleError(errors.New("no such room")))
			},
			func(to *written) error {
				return errors.Join(ours.ConsoleLog(to, "it's \"here\"\n"), ours.ConsoleError(to, "no such room"))
			},
		},
		"a redirect": {
			func(s *theirs.ServerSentEventGenerator) error { return s.Redirect("/rooms/1?name=a#b") },
			func(to *written) error { return ours.Redirect(to, "/rooms/1?name=a#b") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			recorder := httptest.NewRecorder()
			require.NoError(t, test.theirs(theirs.NewSSE(recorder, httptest.NewRequest(http.MethodGet, "/", http.NoBody))))
			var to written
			require.NoError(t, test.ours(&to))
			want := dispatch(t, recorder.Body.Bytes())
			require.NotEmpty(t, want)
			assert.Equal(t, want, dispatch(t, to.wire))
		})
	}
}
