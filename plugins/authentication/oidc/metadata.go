package oidc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// metadata is what a provider says about itself (OpenID Connect Discovery 1.0
// section 3).
type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Keys          string   `json:"jwks_uri"`
	UserInfo      string   `json:"userinfo_endpoint"`
	EndSession    string   `json:"end_session_endpoint"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
}

// lifetime is how long metadata are used before they are read again.
const lifetime = 24 * time.Hour

func isFresh(_ *metadata, age time.Duration) bool { return age < lifetime }

// discover reads the metadata of an issuer.
func discover(ctx context.Context, f *fetcher, issuer string) (*metadata, error) {
	var m metadata
	if err := f.get(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &m); err != nil {
		return nil, err
	}
	if m.Issuer != issuer {
		return nil, errors.New("the document is of another issuer: Issuer must be what the provider writes itself")
	}
	for name, address := range map[string]string{
		"authorization_endpoint": m.Authorization, "token_endpoint": m.Token, "jwks_uri": m.Keys,
	} {
		if !isSecureEndpoint(address) {
			return nil, fmt.Errorf("the document has no %s with https", name)
		}
	}
	for name, address := range map[string]string{"userinfo_endpoint": m.UserInfo, "end_session_endpoint": m.EndSession} {
		if address != "" && !isSecureEndpoint(address) {
			return nil, fmt.Errorf("the document has a %s without https", name)
		}
	}
	return &m, nil
}

// isSecureEndpoint is isSecure for an address that may have a query.
func isSecureEndpoint(address string) bool {
	path, _, _ := strings.Cut(address, "?")
	return isSecure(path)
}

// authStyle returns how a secret is sent.
func (m *metadata) authStyle() oauth2.AuthStyle {
	if len(m.AuthMethods) == 0 || slices.Contains(m.AuthMethods, "client_secret_basic") {
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}
