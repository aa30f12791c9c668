package datastar_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/datastar"
)

// goldens are the cases of Datastar's own test of SDKs, under its names, and ours
// behind them. What each sends is in testdata/wire.
var goldens = map[string]func(to *sent) error{
	"executeScriptWithAllOptions": func(to *sent) error {
		return datastar.ExecuteScript(to, "console.log('hello');", datastar.EventID("event1"), datastar.Retry(2*time.Second),
			datastar.Attribute("type", "text/javascript"), datastar.Attribute("blocking", "false"), datastar.Stay())
	},
	"executeScriptWithDefaults": func(to *sent) error { return datastar.ExecuteScript(to, "console.log('hello');") },
	"executeScriptWithMultilineScript": func(to *sent) error {
		return datastar.ExecuteScript(to, "if (true) {\n  console.log('hello');\n}")
	},
	"executeScriptWithoutDefaults": func(to *sent) error { return datastar.ExecuteScript(to, "console.log('hello');") },
	"patchElementsWithAllOptions": func(to *sent) error {
		return datastar.PatchElements(to, "<div>Merge</div>", datastar.EventID("event1"), datastar.Retry(2*time.Second),
			datastar.Selector("div"), datastar.Append, datastar.ViewTransition())
	},
	"patchElementsWithDefaults": func(to *sent) error {
		return datastar.PatchElements(to, "<div>Merge</div>", datastar.Outer, datastar.HTML)
	},
	"patchElementsWithMultilineElements": func(to *sent) error {
		return datastar.PatchElements(to, "<div>\n  <span>Merge</span>\n</div>")
	},
	"patchElementsWithoutDefaults": func(to *sent) error { return datastar.PatchElements(to, "<div>Merge</div>") },
	"patchSignalsWithAllOptions": func(to *sent) error {
		return datastar.PatchSignals(to, map[string]int{"one": 1, "two": 2}, datastar.EventID("event1"),
			datastar.Retry(2*time.Second), datastar.OnlyIfMissing())
	},
	"patchSignalsWithDefaults": func(to *sent) error { return datastar.PatchSignals(to, map[string]int{"one": 1, "two": 2}) },
	"patchSignalsWithMultilineJson": func(to *sent) error {
		return datastar.PatchSignals(to, json.RawMessage("{\n\"one\": \"first signal\",\n\"two\":  \n\"second signal\"}"))
	},
	"patchSignalsWithMultilineSignals": func(to *sent) error {
		return datastar.PatchSignals(to, map[string]string{"one": "first\n signal", "two": "second signal"})
	},
	"patchSignalsWithoutDefaults": func(to *sent) error { return datastar.PatchSignals(to, map[string]int{"one": 1, "two": 2}) },
	"removeElementsWithAllOptions": func(to *sent) error {
		return datastar.RemoveElements(to, "#target", datastar.EventID("event1"), datastar.Retry(2*time.Second), datastar.ViewTransition())
	},
	"removeElementsWithDefaults":    func(to *sent) error { return datastar.RemoveElements(to, "#target") },
	"removeElementsWithoutDefaults": func(to *sent) error { return datastar.RemoveElements(to, "#target") },
	"removeSignalsWithAllOptions": func(to *sent) error {
		return datastar.RemoveSignals(to, []string{"one", "two.alpha"}, datastar.EventID("event1"), datastar.Retry(2*time.Second))
	},
	"removeSignalsWithDefaults": func(to *sent) error { return datastar.RemoveSignals(to, []string{"one"}) },
	"sendTwoEvents": func(to *sent) error {
		if err := datastar.PatchElements(to, "<div>Merge</div>"); err != nil {
			return err
		}
		return datastar.PatchElements(to, "<div>Merge 2</div>")
	},

	"namespace": func(to *sent) error {
		return datastar.PatchElements(to, `<circle id="c" r="5"/>`, datastar.SVG, datastar.Selector("#vis"), datastar.Prepend)
	},
	"consoleLog":   func(to *sent) error { return datastar.ConsoleLog(to, "it's \"here\"\r\n</script>\u2028") },
	"consoleError": func(to *sent) error { return datastar.ConsoleError(to, "no such room") },
	"redirect":     func(to *sent) error { return datastar.Redirect(to, "/rooms?name=a&b#c") },
	"redirectElsewhere": func(to *sent) error {
		if err := datastar.Redirect(to, "http://example.com"); err != nil {
			return err
		}
		return datastar.Redirect(to, "HTTPS://example.com")
	},
	"removeAndNothingElse": func(to *sent) error {
		return datastar.RemoveElements(to, "#a", datastar.Append, datastar.Selector("#b"))
	},
	"rawSignalsWithinSpaces": func(to *sent) error {
		return datastar.PatchSignals(to, json.RawMessage(" \r\n\t{\"a\": 1}\n"))
	},
	"lineEnds": func(to *sent) error {
		return datastar.PatchElements(to, "<p>\r\rid: 1\n\nevent: x\r\nselector body\n</p>\n", datastar.Selector("#a,\r\n#b"), datastar.Inner)
	},
	"attributes": func(to *sent) error {
		return datastar.ExecuteScript(to, "1", datastar.Attribute("nonce", `"><script>`), datastar.Attribute("type", "a\nb"))
	},
	"retryOfASecond": func(to *sent) error { return datastar.PatchSignals(to, struct{}{}, datastar.Retry(time.Second)) },
}

// The files hold CR LF, as the wire does.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, send := range goldens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(filepath.Join("testdata", "wire", name+".golden"))
			require.NoError(t, err)
			assert.Equal(t, string(want), record(t, send))
		})
	}
}

func TestEachGoldenHasACase(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(filepath.Join("testdata", "wire"))
	require.NoError(t, err)
	assert.Len(t, files, len(goldens))
}
