package hocon_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Nothing makes it panic, each refusal names its line, and what is read, written
// as JSON, is read as the same, as JSON and as HOCON.
func FuzzParse(f *testing.F) {
	for _, line := range []string{
		"a = 1\nb : [1, two, {c : ${a}}]\nb += ${?d}", `include required(file("other.conf")), a."b.c" = """x""""`,
		"a { b = ${a.c} ${x}, c = 1 }\na = ${a} { b = 2 }", `"\u00e9" = -1.5e3 // x`, "p = ${p}x\np = ${?PORT}", "a.0 = x\nb = ${a} [y]",
	} {
		f.Add(line, "x = ${y}, y = 1")
	}
	for _, c := range specification(f) {
		f.Add(c.files[c.main], "x = 1")
	}
	f.Fuzz(func(t *testing.T, text, included string) {
		tree, err := parse("main.conf", map[string]string{"main.conf": text, "other.conf": included})
		if err != nil {
			assert.Regexp(t, `^(main|other)\.(conf|json|properties):\d+:\d+: (.+: )?(expected|read) `, err.Error())
			return
		}
		written := asJSON(t, tree)
		if len(written) > 1<<20 {
			return
		}
		for _, name := range []string{"main.conf", "main.json"} {
			again, err := parse(name, map[string]string{name: written})
			require.NoError(t, err, written)
			require.Equal(t, plain(tree), plain(again), written)
		}
	})
}

// Properties are read by the rules of Java, which refuses nothing but a bad
// escape.
func FuzzProperties(f *testing.F) {
	for _, text := range []string{"a.b=1\na.c : 2\n# x\n! y", "a\\ b\\\n  c = d\\u00e9\\", "..=x\n=\n:", "a=1\r\na.b=2\ra=3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := parse("main.properties", map[string]string{"main.properties": text})
		if err != nil {
			assert.Regexp(t, `^main\.properties:\d+:\d+: expected `, err.Error())
			return
		}
		written, err := json.Marshal(plain(tree))
		require.NoError(t, err)
		again, err := parse("main.json", map[string]string{"main.json": string(written)})
		require.NoError(t, err)
		require.Equal(t, plain(tree), plain(again))
	})
}
