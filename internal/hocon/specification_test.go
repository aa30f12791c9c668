package hocon_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// testCase is one of testdata/specification.txt, which has the examples of the
// specification and more. What is expected comes from the reference
// implementation, version 1.4.9: the value, or that it refuses the document,
// with our own error. Where we differ, the case says why, and what the
// reference does.
type testCase struct {
	name    string
	main    string            // the document's file
	files   map[string]string // it and what it includes
	value   string            // JSON
	refused string            // the error

	differs   string // why
	reference string
}

func specification(t testing.TB) []testCase {
	t.Helper()
	text, err := os.ReadFile("testdata/specification.txt")
	require.NoError(t, err)
	var cases []testCase
	for part := range strings.SplitSeq(strings.TrimPrefix(string(text), "=== "), "\n=== ") {
		name, body, _ := strings.Cut(part, "\n")
		c := testCase{name: name, files: map[string]string{}}
		for section := range strings.SplitSeq(strings.TrimPrefix("\n"+body, "\n--- "), "\n--- ") {
			head, content, _ := strings.Cut(section, "\n")
			kind, argument, _ := strings.Cut(head, " ")
			switch kind {
			case "file":
				if c.main == "" {
					c.main = argument
				}
				if content != "" {
					content += "\n"
				}
				c.files[argument] = content
			case "value":
				c.value = strings.TrimSpace(content)
			case "refused":
				c.refused = strings.TrimSpace(content)
			case "differs":
				c.differs = argument
			case "reference":
				c.reference = strings.TrimSpace(content)
			default:
				require.Fail(t, "unknown section", "%s: %s", name, head)
			}
		}
		cases = append(cases, c)
	}
	return cases
}

func TestSpecification(t *testing.T) {
	t.Parallel()
	documentation, err := os.ReadFile("../../docs/hocon.md")
	require.NoError(t, err)
	cases := specification(t)
	require.Greater(t, len(cases), 250)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.NotEqual(t, c.value == "", c.refused == "", "a value or a refusal")
			require.Equal(t, c.differs == "", c.reference == "", "what the reference does where we differ")
			assert.Contains(t, string(documentation), c.differs)
			tree, err := parse(c.main, c.files)
			if c.refused != "" {
				require.EqualError(t, err, c.refused)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.value, asJSON(t, tree))
		})
	}
}

// testdata/generated.jsonl has documents made at random, by a grammar whose few
// keys make references meet, and by changing the cases of the specification.
// Each line is a document and what the reference makes of it.
func TestGeneratedDocuments(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/generated.jsonl")
	require.NoError(t, err)
	count := 0
	for line := range strings.Lines(string(text)) {
		var c struct {
			Document string
			Value    any
			Refused  bool
		}
		require.NoError(t, json.Unmarshal([]byte(line), &c))
		tree, err := parse("main.conf", map[string]string{"main.conf": c.Document})
		if c.Refused {
			require.Error(t, err, c.Document)
			assert.Regexp(t, `^main\.conf:\d+:\d+: (.+: )?expected `, err.Error(), c.Document)
		} else {
			require.NoError(t, err, c.Document)
			assert.Equal(t, numbers(c.Value), plain(tree), c.Document)
		}
		count++
	}
	assert.Greater(t, count, 700)
}

// numbers replaces {"#number": "1.50"} by the number.
func numbers(value any) any {
	switch value := value.(type) {
	case map[string]any:
		if text, ok := value["#number"].(string); ok {
			return json.Number(text)
		}
		for key, child := range value {
			value[key] = numbers(child)
		}
	case []any:
		for i, child := range value {
			value[i] = numbers(child)
		}
	}
	return value
}

// Each row of docs/hocon.md names cases and tests that exist.
func TestDocumentationNamesCases(t *testing.T) {
	t.Parallel()
	documentation, err := os.ReadFile("../../docs/hocon.md")
	require.NoError(t, err)
	tests, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	known := ""
	for _, c := range specification(t) {
		known += "\n" + c.name
	}
	for _, file := range tests {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			known += "\n" + strings.TrimPrefix(line, "func ")
		}
	}
	rows := 0
	for line := range strings.Lines(string(documentation)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		shown := cells[len(cells)-1]
		if !strings.HasPrefix(line, "| ") || !strings.HasPrefix(shown, "`") || !strings.HasSuffix(shown, "` |") {
			continue
		}
		rows++
		for name := range strings.SplitSeq(strings.Trim(shown, "`| "), "`, `") {
			require.NotEqual(t, -1, strings.Index(known, "\n"+name), "%s: there is no %s", line, name)
		}
	}
	assert.Equal(t, 28, rows)
}
