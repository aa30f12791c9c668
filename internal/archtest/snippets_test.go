package archtest_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// TestSnippetsAreCompiled asserts that every Go snippet in the documentation is
// copied from a Go file of the repository, line for line, apart from its
// indentation.
func TestSnippetsAreCompiled(t *testing.T) {
	var code strings.Builder
	eachFile(t, ".go", func(_, text string) { code.WriteString(flat(text) + "\n") })
	snippets := 0
	eachFile(t, ".md", func(page, text string) {
		for _, block := range goBlock.FindAllStringSubmatch(text, -1) {
			snippets++
			// Assert.Contains would print every file.
			if !strings.Contains(code.String(), flat(block[1])) {
				t.Errorf("%s: no Go file has this snippet:\n%s", page, block[1])
			}
		}
	})
	assert.Positive(t, snippets)
}

// flat returns the lines of text without their indentation and without empty
// ones.
func flat(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
