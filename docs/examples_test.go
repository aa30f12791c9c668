package docs_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEachExampleIsListedOnce(t *testing.T) {
	list, err := os.ReadFile("../examples/README.md")
	require.NoError(t, err)
	page, err := os.ReadFile("porting.md")
	require.NoError(t, err)
	_, missing, found := strings.Cut(string(page), "\n## Ktor's samples\n")
	require.True(t, found, "porting.md")
	entries, err := os.ReadDir("../examples")
	require.NoError(t, err)
	for _, entry := range entries {
		if entry.IsDir() {
			name := entry.Name()
			assert.Equal(t, 1, strings.Count(string(list), "["+name+"]("+name+")"), "%s in examples/README.md", name)
			for row := range strings.Lines(missing) {
				samples, _, _ := strings.Cut(strings.TrimPrefix(row, "| "), " | ")
				assert.NotContains(t, samples, "`"+name+"`", "porting.md: it is not missing")
			}
		}
	}
}
