package oidc

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Logout is the handler of the logout: it calls [Config.OnLogout], and sends the
// browser to the provider, to end its session there as well (RP-Initiated Logout
// 1.0 section 2), from where it comes back to [Config.AfterLogout]. Where the
// provider has no such page, or cannot be asked, which is logged, it is sent there
// at once, or to /. It is for routes of your own, too.
func (p *Provider[C]) Logout(c *app.Call) error {
	if p.mistake != nil {
		return p.mistake
	}
	token, err := p.config.OnLogout(c)
	if err != nil || c.Answered() {
		return err
	}
	c.Header().Set("Cache-Control", "no-store")
	c.SetStatus(http.StatusSeeOther)
	m, err := p.discovered(c.Context())
	switch {
	case err != nil:
		c.Application().Logger().WarnContext(c.Context(), "a user has logged out here, and not at the provider", "provider", p.name, "error", err)
	case m.EndSession != "":
		return c.RespondRedirect(p.endSession(m.EndSession, token))
	}
	if p.config.AfterLogout == "" {
		return c.RespondRedirect("/")
	}
	return c.RespondRedirect(p.config.AfterLogout)
}

// endSession returns the address of the provider's logout.
func (p *Provider[C]) endSession(page, idToken string) string {
	values := url.Values{"client_id": {p.config.ClientID}}
	if idToken != "" {
		values.Set("id_token_hint", idToken)
	}
	if p.config.AfterLogout != "" {
		values.Set("post_logout_redirect_uri", p.config.AfterLogout)
	}
	if strings.Contains(page, "?") {
		return page + "&" + values.Encode()
	}
	return page + "?" + values.Encode()
}

// A Logout is what a provider says about a user who has logged out elsewhere.
// Subject or SessionID may be empty, and not both: without a SessionID all
// sessions of the user end.
type Logout struct {
	// Subject is what the provider calls the user.
	Subject string
	// SessionID is what the provider calls its session.
	SessionID string
}

// backChannel answers a provider that says who has logged out (Back-Channel Logout
// 1.0 section 2.7).
func (p *Provider[C]) backChannel(c *app.Call) error {
	c.Header().Set("Cache-Control", "no-store")
	form, err := c.ReceiveForm()
	if err != nil {
		return err
	}
	ctx, keys := watched(c.Context())
	token, err := p.verifier.VerifyLogout(ctx, form.Get("logout_token"))
	if err != nil {
		err = p.refuse(c, err, keys)
		if wrong, ok := errors.AsType[*TokenError](err); ok {
			return &app.Error{Status: http.StatusBadRequest, Message: "the logout token is not valid", Err: wrong}
		}
		return err
	}
	if err := p.config.OnBackChannelLogout(c, &Logout{token.Subject, token.SessionID}); err != nil || c.Answered() {
		return err
	}
	return c.RespondStatus(http.StatusOK)
}
