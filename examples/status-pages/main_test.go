package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// page returns what the files hold.
func page(heading string) string {
	return "<!doctype html>\n<html lang=\"en\">\n<head>\n    <title>Status pages</title>\n</head>\n<body>\n<h1>" + heading +
		"</h1>\n</body>\n</html>\n"
}

// The first four are Ktor's ApplicationTest. The last two are the other paths of
// the sample.
func TestResponses(t *testing.T) {
	host := apptest.Start(t, Module)
	for name, test := range map[string]struct {
		path        string
		status      int
		text        string
		contentType string
	}{
		"testRoot":          {"/", http.StatusOK, "Hello, world!", "text/plain; charset=UTF-8"},
		"testInternalError": {"/internal-error", http.StatusInternalServerError, "500: Internal Server Error", "text/plain; charset=UTF-8"},
		"testMissingPage":   {"/missing-page", http.StatusNotFound, "404: Page Not Found", "text/plain; charset=UTF-8"},
		"testPaymentRequired": {"/payment-error", http.StatusPaymentRequired, page("402: Payment Required Error"),
			"text/html; charset=utf-8"},
		"authorization":  {"/authorization-error", http.StatusForbidden, "403: Forbidden Error", "text/plain; charset=UTF-8"},
		"authentication": {"/authentication-error", http.StatusUnauthorized, page("401: Unauthorized Error"), "text/html; charset=utf-8"},
	} {
		t.Run(name, func(t *testing.T) {
			response := host.Get(test.path)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.text, apptest.Text(t, response))
			assert.Equal(t, test.contentType, response.Header.Get("Content-Type"))
		})
	}
}
