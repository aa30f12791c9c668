package proxy

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// NewTransport returns how a real server is reached. What connects has a time-out,
// and what thinks has none: it may take minutes to the first byte.
func NewTransport() http.RoundTripper {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 0, // the head comes with the first token
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   32,
		ForceAttemptHTTP2:     true,
		DisableCompression:    true, // what compresses a stream often holds it back
	}
}

// ParseUpstream reads the base URL of a server. What is wrong is said without it: it
// may have a password.
func ParseUpstream(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, errors.New("not an address such as https://api.openai.com/v1")
	}
	return base, nil
}

// newProxy returns the handler that passes calls on. The head, the body and its end
// are the server's; ReverseProxy takes away what belongs to one connection, flushes
// an event stream at once, and ends its request when the caller goes away.
func newProxy(config Config, logger *slog.Logger) http.Handler {
	return &httputil.ReverseProxy{
		Transport: config.Transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Path = strings.TrimPrefix(r.In.URL.Path, "/v1") // the base has one of its own
			r.Out.URL.RawPath, r.Out.URL.RawQuery = "", ""
			r.SetURL(config.Upstream)
			header := http.Header{}
			for _, name := range [...]string{"Accept", "Content-Type", "User-Agent"} {
				if values, sent := r.Out.Header[name]; sent {
					header[name] = values
				}
			}
			// No Accept-Encoding: comments can be put between events only where
			// those can be read.
			if config.Key != "" {
				header.Set("Authorization", "Bearer "+config.Key)
			}
			r.Out.Header = header
		},
		ModifyResponse: hideAccount,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			var tooLarge *http.MaxBytesError
			switch {
			case errors.As(err, &tooLarge):
				writeError(w, http.StatusRequestEntityTooLarge, tooLongMessage(tooLarge))
			case r.Context().Err() != nil: // nobody waits for an answer
			default:
				logger.ErrorContext(r.Context(), "the server of models has not answered", "error", err)
				writeError(w, http.StatusBadGateway, "the server of models does not answer")
			}
		},
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn), // of bodies that break off
	}
}

// errAccount is an answer that is about the proxy's own key.
var errAccount = errors.New("the server of models does not accept the proxy's key")

// errRedirect is an answer that would send callers to the server itself.
var errRedirect = errors.New("the server of models redirects: give its own address")

// hideAccount leaves of the head what is about the answer. The rest is about the server
// and the owner of the key: its name, its limits, and, in the text of a refusal, parts
// of the key itself.
func hideAccount(response *http.Response) error {
	switch {
	case response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%w: %s", errAccount, response.Status)
	case response.StatusCode/100 == 3:
		return fmt.Errorf("%w: %s", errRedirect, response.Status)
	}
	header := http.Header{}
	for _, name := range [...]string{
		"Cache-Control", "Content-Encoding", "Content-Length", "Content-Type", "Date",
		"Retry-After", "Retry-After-Ms", "X-Request-Id", "X-Should-Retry",
	} {
		if values, sent := response.Header[name]; sent {
			header[name] = values
		}
	}
	response.Header = header
	return nil
}
