package config_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestYAMLScalars(t *testing.T) {
	t.Parallel()
	p := parsed(t, "a.yaml", `
int: 8080
plus: +5
zeros: 01234
hex: 0x1F
octal: 0o17
underscores: 1_000
float: 1.10
exponent: 12e03
infinity: -.inf
true: True
yes: yes
null: ~
empty:
quoted: "8080"
text: !!str 8080
tagged: !!int "7"
foreign: !color red
date: 2026-01-02
block: |
  one
  two
80: port
'': no name
`)
	require.Equal(t, map[string]any{
		"int": int64(8080), "plus": int64(5), "zeros": int64(1234), "hex": int64(31), "octal": int64(15), "underscores": "1_000",
		"float": 1.1, "exponent": 12000.0, "infinity": math.Inf(-1), "true": true, "yes": "yes", "null": nil, "empty": nil, "quoted": "8080",
		"text": "8080", "tagged": int64(7), "foreign": "red", "date": "2026-01-02", "block": "one\ntwo\n", "80": "port", "": "no name",
	}, p.Map())
	for path, want := range map[string]string{"zeros": "01234", "float": "1.10", "exponent": "12e03", "hex": "31"} {
		requireText(t, p, path, want)
	}
	require.True(t, as[bool](t, p, "yes"))
	require.Equal(t, 1234, as[int](t, p, "zeros"))
	for _, empty := range []string{"", "# nothing\n", "---\n", "null\n", "{}"} {
		require.Empty(t, parsed(t, "a.yaml", empty).Map(), empty)
	}
}

func TestYAMLAliasesAndMergeKeys(t *testing.T) {
	t.Parallel()
	p := parsed(t, "a.yaml", `
base: &base {host: localhost, port: 1, tags: &tags [x, $PATH]}
more: &more {port: 2, path: /}
&key name: *key
one:
  <<: *base
  port: 3
two:
  port: 4
  <<: [*more, *base]
tags: *tags
`)
	tags := []any{"x", "/bin"}
	require.Equal(t, map[string]any{
		"base": map[string]any{"host": "localhost", "port": int64(1), "tags": tags},
		"more": map[string]any{"port": int64(2), "path": "/"},
		"name": "name",
		"one":  map[string]any{"host": "localhost", "port": int64(3), "tags": tags},
		"two":  map[string]any{"host": "localhost", "port": int64(4), "path": "/", "tags": tags},
		"tags": tags,
	}, p.Map())
	for path, want := range map[string]string{"tags": "a.yaml:11:7", "one.host": "a.yaml:2:20", "one.port": "a.yaml:7:9", "tags.0": "a.yaml:2:53"} {
		require.Equal(t, want, p.Site(path).String(), path)
	}
}

// bomb is a document of n lines whose values grow tenfold with each.
func bomb(n int) string {
	var text strings.Builder
	text.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&text, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return text.String()
}

func TestYAMLThatIsRefused(t *testing.T) {
	t.Parallel()
	const tooMany = "there are more than 100000 values in the document, or more than 100 in one another"
	for name, test := range map[string]struct{ text, want string }{
		"no mapping":            {"- a\n", "a.yaml:1:1: the document is no mapping: it begins with a key, as in ktor:"},
		"a text":                {"a", "a.yaml:1:1: the document is no mapping"},
		"two documents":         {"a: 1\n---\nb: 2\n", "a.yaml:3:1: a second document begins here, and one is wanted"},
		"an open list":          {"a: 1\nb: [1\nc: 2", "a.yaml:3:2: while parsing a flow sequence: did not find expected ',' or ']'"},
		"a second colon":        {"a: b: c", "a.yaml:1:5: mapping values are not allowed in this context"},
		"a tab":                 {"a:\n\tb: 1", "a.yaml:2:1: while scanning for the next token: found character that cannot start any token"},
		"no UTF-8":              {"a: 1\nb: \xff", "a.yaml:2: invalid leading UTF-8 octet"},
		"a control character":   {"a: 1\n\nb: \x01", "a.yaml:3: control characters are not allowed"},
		"a broken document":     {"a: 1\n---\n[", "a.yaml:4:1: while parsing a flow node"},
		"an unknown anchor":     {"a: *no", "a.yaml:1:4: unknown anchor 'no' referenced"},
		"a key twice":           {"a:\n  b: 1\n  c: 2\n  b: 3", "a.yaml:4:3: a.b: the key is there already, in line 2"},
		"a key that is a list":  {"a:\n  ? [b]\n  : 1", "a.yaml:2:5: a: a key is a mapping or a sequence, and a text is wanted"},
		"a merge of a number":   {"a:\n  <<: 1", "a.yaml:2:7: a: << wants a mapping or a sequence of mappings"},
		"an alias in itself":    {"a: &a [*a]", "a.0.0.0"},
		"a merge of itself":     {"a: &a\n  <<: *a\n", "in one another"},
		"a bomb":                {bomb(9), tooMany},
		"nested too deep":       {"a: " + strings.Repeat("[", 102) + strings.Repeat("]", 102), tooMany},
		"several mistakes":      {"a: 1\na: 2\nb: {c: 1, c: 2}", "a.yaml:2:1: a: the key is there already, in line 1\na.yaml:3:11: b.c: the key is there already, in line 3"},
		"several substitutions": {"a: $x\nb: [1, $y]", "a.yaml:1:4: a: there is neither a key nor an environment variable for $x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := try("a.yaml", test.text)
			require.ErrorContains(t, err, test.want)
			require.Less(t, len(err.Error()), 2000)
		})
	}
	_, err := try("a.yaml", "a: $x\nb: [1, $y]")
	require.ErrorContains(t, err, "a.yaml:2:8: b.1: there is neither")
	require.Len(t, as[[]any](t, parsed(t, "a.yaml", bomb(4)), "a3"), 10)
}
