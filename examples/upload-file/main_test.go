package main

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

func form(t *testing.T, fileName, content string) (contentType string, body *bytes.Buffer) {
	t.Helper()
	body = &bytes.Buffer{}
	writer := multipart.NewWriter(body)
	require.NoError(t, writer.WriteField("description", "Ktor logo"))
	part, err := writer.CreateFormFile("image", fileName)
	require.NoError(t, err)
	_, err = part.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return writer.FormDataContentType(), body
}

// TestUpload is Ktor's testUpload.
func TestUpload(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("uploads", 0o700))
	host := apptest.Start(t, Module)
	content := strings.Repeat("\x89PNG", 1<<19)
	contentType, body := form(t, "ktor_logo.png", content)
	response := host.Post("/upload", contentType, body)
	assert.Equal(t, "Ktor logo is uploaded to 'uploads/ktor_logo.png'", apptest.Text(t, response))
	saved, err := os.ReadFile("uploads/ktor_logo.png")
	require.NoError(t, err)
	assert.Equal(t, content, string(saved))
}

func TestHostileNameStaysInside(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("uploads", 0o700))
	host := apptest.Start(t, Module)
	contentType, body := form(t, "x", "y")
	hostile := bytes.Replace(body.Bytes(), []byte(`filename="x"`), []byte(`filename=".."`), 1)
	response := host.Post("/upload", contentType, bytes.NewReader(hostile))
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing but the folder itself")
	entries, err = os.ReadDir("uploads")
	require.NoError(t, err)
	assert.Empty(t, entries)
}

func TestUploadThatBreaksOffLeavesNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("uploads", 0o700))
	require.NoError(t, os.WriteFile("uploads/logo.png", []byte("before"), 0o600))
	host := apptest.Start(t, Module)
	contentType, body := form(t, "logo.png", strings.Repeat("x", 1<<16))
	response := host.Post("/upload", contentType, bytes.NewReader(body.Bytes()[:body.Len()-100]))
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	entries, err := os.ReadDir("uploads")
	require.NoError(t, err)
	assert.Len(t, entries, 1, "and no part of one")
	saved, err := os.ReadFile("uploads/logo.png")
	require.NoError(t, err)
	assert.Equal(t, "before", string(saved))
}

func TestNotAForm(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, http.StatusUnsupportedMediaType, host.Post("/upload", "text/plain", strings.NewReader("x")).StatusCode)
}
