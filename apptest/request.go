package apptest

import (
	"io"
	"net/http"
	"testing"
)

// A RequestOption changes a request before it is sent. Any function of that shape is one.
type RequestOption func(*http.Request)

// Header adds a header to a request. One that is added twice is sent twice. Host is not among the headers; it is a field
// of the request.
func Header(name, value string) RequestOption {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

// Get sends a GET request and returns the response when its head has arrived. Path begins with a slash and may have a
// query. The body is closed when the test ends, if not before; whoever wants to see what a handler does when its client
// leaves closes it. A request that gets no response ends the test.
func (h *Host) Get(path string, options ...RequestOption) *http.Response {
	h.t.Helper()
	return h.Do(http.MethodGet, path, nil, options...)
}

// Head is [Host.Get] for HEAD.
func (h *Host) Head(path string, options ...RequestOption) *http.Response {
	h.t.Helper()
	return h.Do(http.MethodHead, path, nil, options...)
}

// Post is [Host.Get] for POST, with a body and its content type. A nil body sends none.
func (h *Host) Post(path, contentType string, body io.Reader, options ...RequestOption) *http.Response {
	h.t.Helper()
	options = append([]RequestOption{Header("Content-Type", contentType)}, options...)
	return h.Do(http.MethodPost, path, body, options...)
}

// Do is [Host.Get] for any method, with a body that may be nil. The request's context ends when the test ends.
func (h *Host) Do(method, path string, body io.Reader, options ...RequestOption) *http.Response {
	h.t.Helper()
	request, err := http.NewRequestWithContext(h.t.Context(), method, h.URL+path, body)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	for _, option := range options {
		option(request)
	}
	response, err := h.client.Do(request)
	if err != nil {
		h.t.Fatal(err) // names the method and the URL
	}
	h.t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// Text reads the rest of a response's body and returns it. A body that was cut ends the test. It answers to Ktor's
// bodyAsText.
func Text(t testing.TB, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("read body after %d bytes: %v", len(body), err)
	}
	return string(body)
}
