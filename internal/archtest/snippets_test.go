package archtest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// TestSnippetsAreCompiled says that every Go snippet in the documentation is
// cut from a file of the repository: it stands there line for line, apart from
// its indentation.
func TestSnippetsAreCompiled(t *testing.T) {
	var code []string
	var pages []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		switch filepath.Ext(path) {
		case ".go":
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			code = append(code, flat(string(data)))
		case ".md":
			pages = append(pages, path)
		}
		return nil
	})
	require.NoError(t, err)
	whole := strings.Join(code, "\n")
	snippets := 0
	for _, page := range pages {
		data, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, block := range goBlock.FindAllStringSubmatch(string(data), -1) {
			snippets++
			if !strings.Contains(whole, flat(block[1])) { // assert.Contains would print every file
				t.Errorf("%s: no file holds this snippet:\n%s", page, block[1])
			}
		}
	}
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
