package apptest

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// A RequestOption changes a request before it is sent. Any function of that type
// is one; nil ends the test.
type RequestOption func(*http.Request)

// Header adds a header to a request. One that is added twice is sent twice. Host
// is no header here but a field of the request.
func Header(name, value string) RequestOption {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

// Get sends a GET request and returns the response when its head has arrived.
// The path begins with a slash and may have a query, or is a whole URL, such as
// that of an [ExternalService]. The body is closed when the test ends, if not
// before: a test that wants to see what a handler does when its client leaves
// closes it. A request that gets no response ends the test.
func (c *Client) Get(path string, options ...RequestOption) *http.Response {
	c.host.t.Helper()
	return c.Do(http.MethodGet, path, nil, options...)
}

// Head is [Client.Get] for HEAD.
func (c *Client) Head(path string, options ...RequestOption) *http.Response {
	c.host.t.Helper()
	return c.Do(http.MethodHead, path, nil, options...)
}

// Post is [Client.Get] for POST, with a body and its content type. A nil body
// sends none.
func (c *Client) Post(path, contentType string, body io.Reader, options ...RequestOption) *http.Response {
	c.host.t.Helper()
	options = append([]RequestOption{Header("Content-Type", contentType)}, options...)
	return c.Do(http.MethodPost, path, body, options...)
}

// Do is [Client.Get] for any method, with a body, which may be nil. The context
// of the request ends when the test ends.
func (c *Client) Do(method, path string, body io.Reader, options ...RequestOption) *http.Response {
	t := c.host.t
	t.Helper()
	target := path
	if !strings.HasPrefix(path, "http://") && !strings.HasPrefix(path, "https://") {
		target = c.host.URL + path
	}
	request, err := http.NewRequestWithContext(t.Context(), method, target, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	for i, option := range options {
		if option == nil {
			t.Fatalf("%s %s: option %d is nil", method, path, i+1)
		}
		option(request)
	}
	response, err := c.http.Do(request)
	if err != nil {
		t.Fatal(err) // names the method and the URL
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// Get is [Client.Get] of the host's own client, that of [Host.Client].
func (h *Host) Get(path string, options ...RequestOption) *http.Response {
	h.t.Helper()
	return h.own.Get(path, options...)
}

// Head is [Client.Head] of the host's own client.
func (h *Host) Head(path string, options ...RequestOption) *http.Response {
	h.t.Helper()
	return h.own.Head(path, options...)
}

// Post is [Client.Post] of the host's own client.
func (h *Host) Post(path, contentType string, body io.Reader, options ...RequestOption) *http.Response {
	h.t.Helper()
	return h.own.Post(path, contentType, body, options...)
}

// Do is [Client.Do] of the host's own client.
func (h *Host) Do(method, path string, body io.Reader, options ...RequestOption) *http.Response {
	h.t.Helper()
	return h.own.Do(method, path, body, options...)
}

// Text reads the rest of a response's body and returns it. A body that breaks
// off ends the test.
//
// Ktor: bodyAsText.
func Text(t testing.TB, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("read body after %d bytes: %v", len(body), err)
	}
	return string(body)
}
