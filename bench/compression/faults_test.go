package compression_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A fault is something that a middleware may get wrong.
type fault struct {
	method  string // GET if empty
	accept  []string
	handler http.HandlerFunc
	right   func(head *http.Response, body string) bool
}

var text = strings.Repeat("text to be compressed\n", 200)

// writes responds with text under headers, which are given as names and values in
// turn.
func writes(header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		_, _ = io.WriteString(w, text)
	}
}

// answers is writes with another status, and without a body where that status
// has none.
func answers(status int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		if status != http.StatusNoContent && status != http.StatusNotModified {
			_, _ = io.WriteString(w, text)
		}
	}
}

func is(coding string) func(*http.Response, string) bool {
	return func(head *http.Response, _ string) bool { return head.Header.Get("Content-Encoding") == coding }
}

// gzipped reports whether the body can be read. HEAD has none.
func gzipped(head *http.Response, body string) bool {
	if !is("gzip")(head, body) || head.Request.Method == http.MethodHead {
		return is("gzip")(head, body)
	}
	reader, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		return false
	}
	read, err := io.ReadAll(reader)
	return err == nil && string(read) == text
}

func plain(head *http.Response, body string) bool { return is("")(head, body) && body == text }

func varies(head *http.Response, _ string) bool {
	return strings.Contains(strings.Join(head.Header.Values("Vary"), ","), "Accept-Encoding")
}

func faults() map[string]fault {
	return map[string]fault{
		"gzip;q=0":                  {accept: []string{"gzip;q=0"}, handler: writes(), right: plain},
		"the order of q-values":     {accept: []string{"gzip;q=0.1, deflate"}, handler: writes(), right: is("deflate")},
		"*":                         {accept: []string{"*"}, handler: writes(), right: gzipped},
		"a name that contains gzip": {accept: []string{"bgzipx"}, handler: writes(), right: plain},
		"a name in capitals":        {accept: []string{"GZIP"}, handler: writes(), right: gzipped},
		"a second line":             {accept: []string{"br", "gzip"}, handler: writes(), right: gzipped},
		"identity is liked better":  {accept: []string{"identity, gzip;q=0.5"}, handler: writes(), right: plain},
		"Vary of a plain answer":    {accept: []string{"x"}, handler: writes(), right: varies},
		"Vary beside another": {accept: []string{"gzip"}, handler: writes("Vary", "Origin"), right: func(head *http.Response, body string) bool {
			return varies(head, body) && strings.Contains(strings.Join(head.Header.Values("Vary"), ","), "Origin")
		}},
		"a strong ETag": {accept: []string{"gzip"}, handler: writes("ETag", `"x"`), right: func(head *http.Response, body string) bool {
			return gzipped(head, body) && head.Header.Get("ETag") != `"x"`
		}},
		"encoded already":                  {accept: []string{"gzip"}, handler: writes("Content-Encoding", "br"), right: func(head *http.Response, body string) bool { return is("br")(head, body) && body == text }},
		"Content-Length of the plain body": {accept: []string{"gzip"}, handler: writes("Content-Length", strconv.Itoa(len(text))), right: gzipped},
		"no Content-Type": {accept: []string{"gzip"}, handler: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, text)
		}, right: func(head *http.Response, body string) bool {
			return gzipped(head, body) && strings.HasPrefix(head.Header.Get("Content-Type"), "text/plain")
		}},
		"a range":      {accept: []string{"gzip"}, handler: answers(http.StatusPartialContent, "Content-Range", "bytes 0-4399/9000"), right: plain},
		"204":          {accept: []string{"gzip"}, handler: answers(http.StatusNoContent), right: is("")},
		"304":          {accept: []string{"gzip"}, handler: answers(http.StatusNotModified), right: is("")},
		"no-transform": {accept: []string{"gzip"}, handler: writes("Cache-Control", "no-transform"), right: plain},
		"a small body": {accept: []string{"gzip"}, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "small")
		}, right: is("")},
		"Accept-Ranges of encoded": {accept: []string{"gzip"}, handler: writes("Accept-Ranges", "bytes"), right: func(head *http.Response, body string) bool {
			return gzipped(head, body) && head.Header.Get("Accept-Ranges") == ""
		}},
		"an event stream": {accept: []string{"gzip"}, handler: writes("Content-Type", "text/event-stream"), right: plain},
		"103 before": {accept: []string{"gzip"}, handler: func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			answers(http.StatusAccepted)(w, r)
		}, right: func(head *http.Response, body string) bool {
			return gzipped(head, body) && head.StatusCode == http.StatusAccepted
		}},
		"a flush before the first byte": {accept: []string{"gzip"}, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, text)
		}, right: func(head *http.Response, body string) bool { return gzipped(head, body) != (body == text) }},
		"HEAD": {method: http.MethodHead, accept: []string{"gzip"}, handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Content-Length", "4400")
		}, right: gzipped},
	}
}

// Chitor has none of the faults, and some library has each of them.
func TestFaults(t *testing.T) {
	for name, f := range faults() {
		t.Run(name, func(t *testing.T) {
			var wrong []string
			for library, wrap := range variants(t) {
				if library == "plain" || f.isRight(t, wrap(f.handler)) {
					continue
				}
				wrong = append(wrong, library)
			}
			slices.Sort(wrong)
			assert.NotContains(t, wrong, ours)
			assert.NotEmpty(t, wrong, "no library has this fault")
			t.Logf("wrong: %s", strings.Join(wrong, ", "))
		})
	}
}

func (f *fault) isRight(t *testing.T, handler http.Handler) bool {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	method := f.method
	if method == "" {
		method = http.MethodGet
	}
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL, nil)
	require.NoError(t, err)
	request.Header["Accept-Encoding"] = f.accept
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return err == nil && f.right(response, string(body))
}
