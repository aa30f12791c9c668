package jwt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// mostRedirects is how many redirects are followed.
const mostRedirects = 3

// newClient returns the client of the configuration, with limited redirects.
func (p *provider) newClient() *http.Client {
	client := http.Client{Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DisableKeepAlives:      true, // an idle connection would have goroutines that nobody owns
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: 64 << 10,
	}}
	if p.config.Client != nil {
		client = *p.config.Client
	}
	further := client.CheckRedirect
	client.CheckRedirect = func(request *http.Request, via []*http.Request) error {
		switch {
		case request.URL.Scheme != p.url.Scheme:
			return errors.New("it redirects to another scheme")
		case len(via) > mostRedirects:
			return errors.New("it redirects too often")
		case further != nil:
			return further(request, via)
		default:
			return nil
		}
	}
	return &client
}

// fetch returns the keys, and for how long they are fresh.
func (p *provider) fetch(ctx context.Context) (keys KeySet, age time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, p.config.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url.String(), http.NoBody)
	if err != nil {
		return nil, 0, fmt.Errorf("make a request: %w", err)
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	response, err := p.client.Do(request)
	if err != nil {
		if failed, ok := errors.AsType[*url.Error](err); ok {
			err = failed.Err // without the address
		}
		return nil, 0, fmt.Errorf("get the keys: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("the status is %d", response.StatusCode)
	}
	if kind := response.Header.Get("Content-Type"); !isJSON(kind) {
		return nil, 0, errors.New("the content is not JSON, by its Content-Type")
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, p.config.MaxSize+1))
	if err != nil {
		return nil, 0, fmt.Errorf("read the keys: %w", err)
	}
	if int64(len(text)) > p.config.MaxSize {
		return nil, 0, fmt.Errorf("the set has more than %d bytes", p.config.MaxSize)
	}
	keys, err = ParseJWKS(text)
	return keys, p.age(response.Header), err
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || kind == "text/plain" || strings.HasSuffix(kind, "+json"))
}

// age returns for how long keys are fresh that came with these headers.
func (p *provider) age(header http.Header) time.Duration {
	said := p.config.MinAge
	for directive := range httpheader.Elements(header["Cache-Control"]) {
		name, value, _ := strings.Cut(directive, "=")
		switch {
		case httpheader.EqualFold(name, "no-store") || httpheader.EqualFold(name, "no-cache"):
			return p.config.MinAge
		case httpheader.EqualFold(name, "max-age"):
			if seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31); err == nil {
				said = time.Duration(seconds) * time.Second
			}
		}
	}
	return min(max(said, p.config.MinAge), p.config.MaxAge)
}
