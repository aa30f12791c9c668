package datastar_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/datastar"
	"github.com/chitor-go/chitor/plugins/sse"
)

// received is an event as Datastar takes it: its type, and what its lines carry
// by name, those of one name joined by LF.
type received struct {
	kind   string
	values map[string]string
}

// read reads a stream of one event, as Datastar 1 does: what stands in front of
// the first space of a line is its name.
func read(t *testing.T, wire []byte) received {
	t.Helper()
	reader := sse.NewReader(bytes.NewReader(wire), func(c *sse.ReaderConfig) { c.MaxEvent = 0 })
	var events []sse.Event
	for event, err := range reader.All() {
		require.NoError(t, err)
		events = append(events, event)
	}
	require.Len(t, events, 1)
	values := map[string][]string{}
	for line := range strings.SplitSeq(events[0].Data, "\n") {
		name, value, found := strings.Cut(line, " ")
		require.True(t, found, "%q", line)
		values[name] = append(values[name], value)
	}
	joined := map[string]string{}
	for name, lines := range values {
		joined[name] = strings.Join(lines, "\n")
	}
	return received{events[0].Event, joined}
}

// lineFeeds returns text as it arrives: with LF for each line end, and U+FFFD for
// what is no UTF-8.
func lineFeeds(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	return string([]rune(text)) // U+FFFD for each byte that is ill-formed
}

// oneMark makes runs of U+FFFD comparable: an event stream has one for a sequence.
func oneMark(text string) string { return marks.ReplaceAllString(text, "\ufffd") }

var marks = regexp.MustCompile("\ufffd+")

// FuzzElements checks that what is patched arrives as what it is, and that
// nothing in it gets out.
func FuzzElements(f *testing.F) {
	f.Add("<p>", "#a", "append")
	f.Add("<p>\r\n\r\nid: 1\ndata: selector body\r", "#a\nmode remove", "inner")
	f.Add("", "\r", "remove")
	f.Add("\ufeff\x00\xe2\x82", "a\nelements <script>", "outer")
	f.Add(" ", " ", "replace\n")
	f.Fuzz(func(t *testing.T, html, selector, mode string) {
		var to sent
		err := datastar.PatchElements(&to, html, datastar.Selector(selector), datastar.Mode(mode))
		selector = strings.TrimSpace(selector)
		alone := mode == "" || mode == "outer" || mode == "replace"
		known := alone || strings.Contains(" inner prepend append before after remove ", " "+mode+" ") && !strings.Contains(mode, " ")
		if !known || alone && html == "" || !alone && selector == "" {
			require.ErrorIs(t, err, datastar.ErrInvalid)
			require.Empty(t, to.wire)
			return
		}
		require.NoError(t, err)
		want := map[string]string{}
		if html != "" {
			want["elements"] = oneMark(lineFeeds(html))
		}
		if selector != "" {
			want["selector"] = oneMark(lineFeeds(selector))
		}
		if mode != "" && mode != "outer" {
			want["mode"] = mode
		}
		got := read(t, to.wire)
		for name, value := range got.values {
			got.values[name] = oneMark(value)
		}
		assert.Equal(t, received{"datastar-patch-elements", want}, got)
	})
}

// FuzzSignals checks that signals arrive as they were, as a value and as text.
func FuzzSignals(f *testing.F) {
	f.Add("name", "value")
	f.Add("a\r\nb", "\r\n\r\ndata: x\u2028</script>")
	f.Add("\xff", "\x00")
	f.Fuzz(func(t *testing.T, name, value string) {
		want := map[string]string{string([]rune(name)): string([]rune(value))}
		written, err := json.MarshalIndent(map[string]string{name: value}, "\r\n", "\t")
		require.NoError(t, err)
		for _, signals := range []any{map[string]string{name: value}, json.RawMessage(written)} {
			var to sent
			require.NoError(t, datastar.PatchSignals(&to, signals))
			event := read(t, to.wire)
			assert.Equal(t, "datastar-patch-signals", event.kind)
			assert.Len(t, event.values, 1)
			var got map[string]string
			require.NoError(t, json.Unmarshal([]byte(event.values["signals"]), &got))
			assert.Equal(t, want, got)
		}
	})
}

// FuzzScript checks that a script stays in its element, and a message in its
// string.
func FuzzScript(f *testing.F) {
	f.Add("alert('x')", "type", "module")
	f.Add("</scrIPT><img>", "a b", `"`)
	f.Add("<!--", "x", "\r\nselector body")
	f.Fuzz(func(t *testing.T, text, name, value string) {
		var to sent
		if datastar.ExecuteScript(&to, text, datastar.Attribute(name, value)) == nil {
			event := read(t, to.wire)
			assert.Len(t, event.values, 3)
			assert.Equal(t, 1, strings.Count(strings.ToLower(event.values["elements"]), "</script"))
			assert.NotContains(t, event.values["elements"], "<!--")
			head, _, _ := strings.Cut(event.values["elements"], ">")
			assert.Equal(t, 4, strings.Count(head, `"`), head)
		} else {
			assert.Empty(t, to.wire)
		}

		to = sent{}
		require.NoError(t, datastar.ConsoleLog(&to, text))
		element := read(t, to.wire).values["elements"]
		call, found := strings.CutPrefix(element, `<script data-effect="el.remove()">console.log(`)
		require.True(t, found)
		literal, found := strings.CutSuffix(call, ")</script>")
		require.True(t, found)
		assert.NotContains(t, literal, "<")
		var got string
		require.NoError(t, json.Unmarshal([]byte(literal), &got))
		assert.Equal(t, string([]rune(text)), got)
	})
}
