package docs_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEachExampleIsListed(t *testing.T) {
	list, err := os.ReadFile("../examples/README.md")
	require.NoError(t, err)
	entries, err := os.ReadDir("../examples")
	require.NoError(t, err)
	for _, entry := range entries {
		if entry.IsDir() {
			name := entry.Name()
			assert.Contains(t, string(list), "["+name+"]("+name+")", "examples/README.md")
		}
	}
}
