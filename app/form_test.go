package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

const formType = "application/x-www-form-urlencoded"

// multipartForm returns a body with fields a=1, a=2, b=3 and a file, and its type.
func multipartForm(t *testing.T) (body, contentType string) {
	t.Helper()
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	require.NoError(t, writer.WriteField("a", "1"))
	file, err := writer.CreateFormFile("upload", "../../etc/passwd")
	require.NoError(t, err)
	_, err = io.WriteString(file, "of a file")
	require.NoError(t, err)
	require.NoError(t, writer.WriteField("a", "2"))
	require.NoError(t, writer.WriteField("b", "3"))
	require.NoError(t, writer.Close())
	return buffer.String(), writer.FormDataContentType()
}

func TestReceiveForm(t *testing.T) {
	t.Parallel()
	whole, contentType := multipartForm(t)
	for name, test := range map[string]struct {
		body, contentType string
		limit             int64
		status            int
		text              string
	}{
		"URL-encoded":                  {"a=1&b=3&a=2", formType, 100, 200, "a=1&a=2&b=3"},
		"URL-encoded with a charset":   {"a=%C3%A4", formType + "; charset=UTF-8", 100, 200, "a=%C3%A4"},
		"URL-encoded, unreadable":      {"a=%zz", formType, 100, 400, "the form cannot be read"},
		"URL-encoded, too long":        {"a=" + strings.Repeat("x", 100), formType, 100, 413, "Request Entity Too Large"},
		"multipart":                    {whole, contentType, 1000, 200, "a=1&a=2&b=3"},
		"multipart, fields too long":   {whole, contentType, 2, 413, "Request Entity Too Large"},
		"multipart without a limit":    {whole, contentType, 0, 200, "a=1&a=2&b=3"},
		"multipart, cut in a part":     {whole[:strings.Index(whole, "of a file")+4], contentType, 1000, 400, "the multipart body cannot be read"},
		"multipart, cut at its end":    {whole[:len(whole)-10], contentType, 1000, 400, "the multipart body cannot be read"},
		"multipart without boundary":   {whole, "multipart/form-data", 100, 400, "the multipart body has no usable boundary"},
		"multipart, boundary too long": {whole, "multipart/form-data; boundary=" + strings.Repeat("x", 71), 100, 400, "the multipart body has no usable boundary"},
		"another type":                 {"{}", "application/json", 100, 415, "Unsupported Media Type"},
		"no type":                      {"a=1", "", 100, 415, "Unsupported Media Type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, answering(func(c *app.Call) error {
				values, err := c.ReceiveForm()
				if err != nil {
					return err
				}
				return c.RespondText(values.Encode())
			}), func(a *app.Application) {
				a.Configure(func(c *app.Config) { c.BodyLimit = test.limit })
			})
			response := post(t, a, test.body, "Content-Type", test.contentType)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.text, body(t, response))
		})
	}
}

func TestReceiveMultipart(t *testing.T) {
	t.Parallel()
	whole, contentType := multipartForm(t)
	a := start(t, answering(func(c *app.Call) error {
		var seen []string
		for part, err := range c.ReceiveMultipart() {
			if err != nil {
				return err
			}
			data, err := io.ReadAll(part)
			if err != nil {
				return err
			}
			seen = append(seen, fmt.Sprintf("%s %s %s", part.FormName(), part.FileName(), data))
		}
		return c.RespondText(strings.Join(seen, "\n"))
	}), func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.BodyLimit, c.PartLimit = 1, 9 }) // the whole may be longer than a body in memory
	})
	assert.Equal(t, "a  1\nupload passwd of a file\na  2\nb  3", body(t, post(t, a, whole, "Content-Type", contentType)))
	assert.Equal(t, http.StatusUnsupportedMediaType, post(t, a, whole, "Content-Type", formType).StatusCode)
}

func TestPartLimit(t *testing.T) {
	t.Parallel()
	whole, contentType := multipartForm(t)
	for name, test := range map[string]struct {
		config int64
		given  []int64
		read   string // of the file
		fails  bool
	}{
		"default":             {50 << 20, nil, "of a file", false},
		"configured":          {8, nil, "of a fil", true},
		"given":               {8, []int64{9}, "of a file", false},
		"given, too short":    {50 << 20, []int64{4}, "of a", true},
		"any length":          {0, nil, "of a file", false},
		"given as any length": {1, []int64{0}, "of a file", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, answering(func(c *app.Call) error {
				for part, err := range c.ReceiveMultipart(test.given...) {
					require.NoError(t, err)
					if part.FileName() == "" {
						continue // what is not read is skipped
					}
					data, err := io.ReadAll(part)
					assert.Equal(t, test.read, string(data))
					assert.Equal(t, test.fails, errors.As(err, new(*http.MaxBytesError)))
					if err != nil {
						_, again := part.Read(make([]byte, 1))
						assert.Error(t, again)
					}
					return err
				}
				return nil
			}), func(a *app.Application) {
				a.Configure(func(c *app.Config) { c.PartLimit = test.config })
			})
			status := post(t, a, whole, "Content-Type", contentType).StatusCode
			assert.Equal(t, test.fails, status == http.StatusRequestEntityTooLarge)
		})
	}
}

func TestReceiveFormTwice(t *testing.T) {
	t.Parallel()
	a := start(t, answering(func(c *app.Call) error {
		values, err := c.ReceiveForm()
		require.NoError(t, err)
		assert.Equal(t, url.Values{"a": {"1"}}, values)
		_, err = c.ReceiveForm()
		require.ErrorIs(t, err, app.ErrReceived)
		return c.RespondText("x")
	}))
	assert.Equal(t, http.StatusOK, post(t, a, "a=1", "Content-Type", formType).StatusCode)
}
