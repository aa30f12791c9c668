package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"

	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/app"
)

// TokenSource returns a source of tokens for a call that begins with one that was
// stored. While that is valid it is returned as it is; after that it is refreshed
// by its refresh token, and save is called with the new one before it is returned:
// the provider may not accept the old one again. An error of save is returned. A
// nil save keeps the new token nowhere, which is right only if the provider's
// refresh tokens stay the same.
//
// The source is for the goroutines of the call, and of no use after it. Calls on
// this node that refresh the same token send one request, also those that come up
// to half a minute later, with what they have read before it was saved; each of
// them calls its own save. A refresh token that the provider refuses is a [*RefusedError] with
// the code invalid_grant: the user has to log in again. A nil token, and one that
// is over and has no refresh token, is an error that is ErrState.
//
// Ktor: refreshUrl, for which Ktor has no function.
func (f *Flow) TokenSource(c *app.Call, stored *oauth2.Token, save func(*oauth2.Token) error) oauth2.TokenSource {
	return &source{flow: f, call: c, token: stored, save: save}
}

type source struct {
	flow *Flow
	call *app.Call
	save func(*oauth2.Token) error

	mu    sync.Mutex
	token *oauth2.Token
}

// Token returns the token, refreshed if need be.
func (s *source) Token() (*oauth2.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token.Valid() {
		return s.token, nil
	}
	if s.token == nil || s.token.RefreshToken == "" {
		return nil, fmt.Errorf("token of login by %s is over, and cannot be refreshed: %w", s.flow.name, ErrState)
	}
	settings, err := s.flow.settings(s.call)
	if err != nil {
		return nil, err
	}
	fresh, err := s.flow.refresh.do(s.call.Context(), s.token.RefreshToken, func() (*oauth2.Token, error) {
		// Not with the call: others may wait for it.
		ctx, cancel := s.flow.outgoing(context.WithoutCancel(s.call.Context()))
		defer cancel()
		return settings.TokenSource(ctx, &oauth2.Token{RefreshToken: s.token.RefreshToken}).Token()
	})
	if err != nil {
		if gone := s.call.Context().Err(); gone != nil {
			return nil, gone
		}
		return nil, failure(s.flow.name, "refresh the token", err)
	}
	if s.save != nil {
		if err := s.save(fresh); err != nil {
			return nil, fmt.Errorf("save the refreshed token of login by %s: %w", s.flow.name, err)
		}
	}
	s.token = fresh
	return fresh, nil
}

// maxFetched is how much of a response Fetch reads.
const maxFetched = 1 << 20

// Fetch gets JSON from the provider's API with a token of the source: who the user
// is, for instance. It waits as long as [Config.Timeout] says, follows no redirect,
// so that nobody else gets the token, and reads at most 1 MiB. A response that is
// not JSON, or has another status than 200, is a [*ProviderError]; what it says is
// not in it.
//
//	user, err := oauth.Fetch[UserInfo](c, google, google.TokenSource(c, token, nil), userInfoURL)
func Fetch[T any](c *app.Call, f *Flow, source oauth2.TokenSource, address string) (T, error) {
	var value T
	token, err := source.Token()
	if err != nil {
		return value, err
	}
	ctx, cancel := f.outgoing(c.Context())
	defer cancel()
	if err := f.fetch(ctx, token, address, &value); err != nil {
		if gone := c.Context().Err(); gone != nil {
			return value, gone
		}
		return value, &ProviderError{f.name, "fetch with the token", err}
	}
	return value, nil
}

func (f *Flow) fetch(ctx context.Context, token *oauth2.Token, address string, target any) (err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return errors.New("the address is none")
	}
	token.SetAuthHeader(request)
	request.Header.Set("Accept", "application/json")
	response, err := f.client.Do(request)
	if err != nil {
		return withoutAddress(err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the provider answers with status %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxFetched+1))
	if err != nil {
		return err
	}
	if len(body) > maxFetched || json.Unmarshal(body, target) != nil {
		return errors.New("the provider's answer is not the JSON that was expected")
	}
	return nil
}

// withoutAddress drops the address of a request from its error: it may have more
// in it than a log should.
func withoutAddress(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}
