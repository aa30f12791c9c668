package main

import (
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// Ktor's DownloadFileTest, respondWithPNGFileAndContentDispositionHeader.
func TestRespondWithPNGFileAndContentDispositionHeader(t *testing.T) {
	response := apptest.Start(t, Module).Get("/download")
	assert.Equal(t, "attachment; filename=logo.png", response.Header.Get("Content-Disposition"))
	assert.Equal(t, "image/png", response.Header.Get("Content-Type"))
	assert.Equal(t, "\x89PNG", apptest.Text(t, response)[:4])
}

// Ktor's DownloadFileTest, respondWithTxtFileFromPath.
func TestRespondWithTxtFileFromPath(t *testing.T) {
	assert.Equal(t, "Just a simple text file.\n", apptest.Text(t, apptest.Start(t, Module).Get("/downloadFromPath")))
}

// TestADownloadGoesOn where it was broken off.
func TestADownloadGoesOn(t *testing.T) {
	host := apptest.Start(t, Module)
	info, err := os.Stat("files/logo.png")
	require.NoError(t, err)
	head := host.Head("/download")
	assert.Equal(t, info.Size(), head.ContentLength)
	assert.Equal(t, "bytes", head.Header.Get("Accept-Ranges"))
	part := host.Get("/download", apptest.Header("Range", "bytes=100-"), apptest.Header("If-Range", head.Header.Get("Last-Modified")))
	assert.Equal(t, http.StatusPartialContent, part.StatusCode)
	assert.Equal(t, info.Size()-100, part.ContentLength)
	assert.Equal(t, "attachment; filename=logo.png", part.Header.Get("Content-Disposition"))
}
