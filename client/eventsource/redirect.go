package eventsource

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// maxRedirects is net/http's own limit.
const maxRedirects = 10

// follow is the rule for redirects of a client that has none. It follows what
// net/http follows, but for a redirect that would make a GET of what was asked,
// and one from https to http: that response is the last one. Another origin is
// told nothing that the request has in its header, unless it is known to be no
// secret: net/http takes Authorization and cookies away, but not the keys that
// go by other names, and not even those for another port.
func follow(request *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return errors.New("stopped after 10 redirects")
	}
	last := via[len(via)-1]
	status := 0
	if request.Response != nil {
		status = request.Response.StatusCode
	}
	if request.Method != last.Method && status != http.StatusSeeOther {
		return http.ErrUseLastResponse
	}
	if last.URL.Scheme == "https" && request.URL.Scheme != "https" {
		return http.ErrUseLastResponse
	}
	for _, asked := range append(via[1:len(via):len(via)], request) {
		if !isSameOrigin(via[0].URL, asked.URL) {
			for name := range request.Header {
				if !isHarmless(name) {
					request.Header.Del(name)
				}
			}
			break
		}
	}
	return nil
}

// isSameOrigin reports whether what is meant for one URL may be told to another:
// the two have one origin, or the other is the first over TLS.
func isSameOrigin(first, other *url.URL) bool {
	if !strings.EqualFold(first.Hostname(), other.Hostname()) {
		return false
	}
	if first.Scheme == other.Scheme {
		return portOf(first) == portOf(other)
	}
	return other.Scheme == "https" && portOf(first) == "80" && portOf(other) == "443"
}

func portOf(address *url.URL) string {
	port := "80"
	if address.Scheme == "https" {
		port = "443"
	}
	return cmp.Or(address.Port(), port)
}

// isHarmless reports whether a field of a request is about the exchange, and no
// secret of whoever asks. Referer is not among them, since it has the query.
func isHarmless(name string) bool {
	switch name {
	case "Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Content-Encoding", "Content-Language",
		"Content-Type", "Last-Event-Id", "User-Agent":
		return true
	}
	return false
}
