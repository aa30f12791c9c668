package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// TestPost holds Ktor's testPost, testPostByteArray and testPostChannel.
func TestPost(t *testing.T) {
	for _, path := range []string{"/text", "/bytes", "/channel"} {
		t.Run(path, func(t *testing.T) {
			host := apptest.Start(t, Module)
			response := host.Post(path, "text/plain", strings.NewReader("Hello, world!"))
			assert.Equal(t, "Hello, world!", apptest.Text(t, response))
		})
	}
}

// TestUploadBinary is Ktor's testUploadBinary.
func TestUploadBinary(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("uploads", 0o700))
	host := apptest.Start(t, Module)
	picture := strings.Repeat("\x89PNG", 1<<20) // longer than the limit of a text
	response := host.Post("/upload", "image/png", strings.NewReader(picture))
	assert.Equal(t, "A file is uploaded", apptest.Text(t, response))
	saved, err := os.ReadFile("uploads/ktor_logo.png")
	require.NoError(t, err)
	assert.Equal(t, picture, string(saved))
}
