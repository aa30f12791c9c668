package archtest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// eachFile calls visit with the path below the root and the text of every file
// of the repository with an extension, those of tests and of other modules too.
func eachFile(t *testing.T, extension string, visit func(path, text string)) {
	t.Helper()
	found := false
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(path) != extension {
			return nil
		}
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		below, err := filepath.Rel(root, path)
		require.NoError(t, err)
		visit(filepath.ToSlash(below), string(data))
		found = true
		return nil
	})
	require.NoError(t, err)
	require.True(t, found, "there is no file with the extension %s", extension)
}
