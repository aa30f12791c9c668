package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A file as the table has it, with and without the variables, one with other
// values, and all others missing.
func TestCompare(t *testing.T) {
	folder := t.TempDir()
	write := func(sample, text string) {
		file := filepath.Join(folder, sample)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	const modules = "\nktor.application.modules = [ com.example.ApplicationKt.main ]"
	write("auth-basic-hash-table/src/main/resources/application.conf", "ktor.deployment.port = 8080"+modules)
	write("auth-bearer/src/main/resources/application.conf", "ktor.deployment.port = 8081"+modules)
	loaded, wrong := compare(folder)
	assert.Equal(t, 2, loaded)
	require.Len(t, wrong, strings.Count(table, "\n")-1)
	messages := map[string]int{}
	for _, err := range wrong {
		switch {
		case strings.Contains(err.Error(), "Ktor reads map["):
			messages["other values"]++
		case strings.Contains(err.Error(), "there is no such file"):
			messages["missing"]++
		}
	}
	assert.Equal(t, map[string]int{"other values": 1, "missing": len(wrong) - 1}, messages)
}

func TestTheTableHasAllSamples(t *testing.T) {
	files := map[string]bool{}
	for line := range strings.Lines(table) {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, `{"file":"`), `"`)
		files[name] = true
	}
	extensions := map[string]int{}
	for name := range files {
		extensions[filepath.Ext(name)]++
	}
	assert.Equal(t, map[string]int{".conf": 95, ".yaml": 19}, extensions)
	_, err := run(nil)
	require.EqualError(t, err, "usage: samples <folder with Ktor's snippets>")
}
