package authtest

import (
	"net/http"
	"slices"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/internal/impersonation"
)

// As returns a client whose requests scheme accepts as those of principal, where
// host requires it. Other schemes do not see it, but for those that
// authentication.AnyOf, Map and OrAnonymous have made of it. It shares neither
// cookies nor connections with other clients, and what it is let in by never
// expires: authentication.Until reports false. The host must have started, or As
// ends the test; only the goroutine of the test may call it.
func As[P any](
	host *apptest.Host, scheme *authentication.Scheme[P], principal P, options ...apptest.ClientOption,
) *apptest.Client {
	token := impersonation.Add(host.Application(), scheme, principal)
	logIn := func(c *http.Client) { c.Transport = &impersonator{c.Transport, token} }
	return host.NewClient(append(slices.Clip(options), logIn)...)
}

// An impersonator says with each request who it is from.
type impersonator struct {
	http.RoundTripper

	token string
}

func (i *impersonator) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(impersonation.Header, i.token)
	return i.RoundTripper.RoundTrip(r)
}

// CloseIdleConnections closes those of the transport below.
func (i *impersonator) CloseIdleConnections() {
	if closer, ok := i.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}
