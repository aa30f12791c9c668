package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// maxDocument is how much is read of a document of a provider.
const maxDocument = 1 << 20

// fetcher reads the documents of a provider.
type fetcher struct {
	client  *http.Client
	timeout time.Duration
}

func newFetcher(given *http.Client, timeout time.Duration) *fetcher {
	var client http.Client
	if given != nil {
		client = *given
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &fetcher{&client, timeout}
}

// get reads a document of JSON into target. No error has anything of it.
func (f *fetcher) get(ctx context.Context, address string, target any) (err error) {
	if f.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.timeout)
		defer cancel()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	response, err := f.client.Do(request)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the provider answers with status %d", response.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	if err != nil {
		return err
	}
	if len(text) > maxDocument || json.Unmarshal(text, target) != nil {
		return errors.New("the provider's document is not the JSON that was expected")
	}
	return nil
}
