package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/app"
)

// Callback is the handler of the address that the provider sends browsers back
// to: see [Config.OnLogin]. It is for routes of your own, as [Flow.Login] is. A
// call without any parameter of an answer begins a login.
func (f *Flow) Callback(c *app.Call) error {
	settings, err := f.settings(c)
	if err != nil {
		return err
	}
	// The code stands in the address of this page.
	c.Header().Set("Cache-Control", "no-store")
	c.Header().Set("Referrer-Policy", "no-referrer")
	values, err := f.answer(c)
	if err != nil {
		return err
	}
	if !values.Has("code") && !values.Has("state") && !values.Has("error") {
		return f.Begin(c, "")
	}
	login, err := f.finish(c, settings, values)
	if err != nil {
		return f.fail(c, err)
	}
	if err := f.config.OnLogin(c, login); err != nil || c.Answered() {
		return err
	}
	c.SetStatus(http.StatusSeeOther)
	return c.RespondRedirect(login.ReturnTo)
}

// answer returns the parameters that the provider has sent the browser with.
func (f *Flow) answer(c *app.Call) (url.Values, error) {
	if c.Request.Method == http.MethodPost {
		return c.ReceiveForm()
	}
	return c.Query(), nil
}

// fail ends a login that has failed.
func (f *Flow) fail(c *app.Call, cause error) error {
	if f.config.OnFailure == nil {
		return cause
	}
	if err := f.config.OnFailure(c, cause); err != nil || c.Answered() {
		return err
	}
	return cause
}

// finish makes the answer of a provider a login.
func (f *Flow) finish(c *app.Call, settings *oauth2.Config, values url.Values) (*Login, error) {
	state, code := values["state"], values["code"]
	if len(state) != 1 {
		return nil, ErrState
	}
	a := f.jar.take(c, state[0])
	if a == nil || a.Settings != fingerprint(settings) || !f.used.add(a.State, a.Expires) {
		return nil, ErrState
	}
	if err := f.checkIssuer(values["iss"]); err != nil {
		return nil, err
	}
	if values.Has("error") {
		return nil, &RefusedError{f.name, visible(values.Get("error")), visible(values.Get("error_description"))}
	}
	if len(code) != 1 || code[0] == "" {
		return nil, &ProviderError{f.name, "read the answer", errors.New("it has neither one code nor an error")}
	}
	token, err := f.exchange(c, settings, code[0], a.Verifier)
	if err != nil {
		return nil, err
	}
	login := &Login{Token: token, ReturnTo: a.ReturnTo, Nonce: a.Nonce, State: a.State}
	if f.config.Check != nil {
		if err := f.config.Check(c, login); err != nil {
			return nil, err
		}
	}
	return login, nil
}

// checkIssuer refuses the answer of somebody else than the provider (RFC 9207
// section 2.4).
func (f *Flow) checkIssuer(issuers []string) error {
	if f.config.Issuer == "" || len(issuers) == 0 && !f.config.IssuerRequired {
		return nil
	}
	if len(issuers) == 1 && issuers[0] == f.config.Issuer {
		return nil
	}
	return &ProviderError{f.name, "read the answer", fmt.Errorf("it is not from %s", f.config.Issuer)}
}

// exchange gets the token for a code.
func (f *Flow) exchange(c *app.Call, settings *oauth2.Config, code, verifier string) (*oauth2.Token, error) {
	options := []oauth2.AuthCodeOption{oauth2.VerifierOption(verifier)}
	if f.config.TokenParams != nil {
		for name, value := range f.config.TokenParams(c) {
			if isOurs(name) {
				return nil, fmt.Errorf("login by %s: TokenParams has %s, which is the flow's own", f.name, name)
			}
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	ctx, cancel := f.outgoing(c.Context())
	defer cancel()
	token, err := settings.Exchange(ctx, code, options...)
	if err != nil {
		if gone := c.Context().Err(); gone != nil {
			return nil, gone
		}
		return nil, failure(f.name, "exchange the code", err)
	}
	return token, nil
}

// outgoing returns the context of a request to the provider.
func (f *Flow) outgoing(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, f.client)
	if f.config.Timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, f.config.Timeout)
}

// isTransport reports whether a request has failed before there was a response,
// or while its body was read.
func isTransport(err error) bool {
	var failed *url.Error
	return errors.As(err, &failed) || errors.Is(err, context.DeadlineExceeded)
}
