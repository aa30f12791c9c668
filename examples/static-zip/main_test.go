package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// Ktor's ApplicationTest, testFiles.
func TestFiles(t *testing.T) {
	host := apptest.Start(t, Module)
	for path, want := range map[string]string{
		"/files": "Contents of \"file.txt\".\n", "/": "Contents of \"file.txt\".\n", "/file2.txt": "Contents of \"file2.txt\".\n",
		"/nested/file3.txt": "Contents of nested \"file3.txt\".\n",
	} {
		response := host.Get(path)
		assert.Equal(t, http.StatusOK, response.StatusCode, path)
		assert.Equal(t, want, apptest.Text(t, response), path)
	}
	assert.Equal(t, `"file2.txt"`, host.Get("/file2.txt").Header.Get("ETag"))
}
