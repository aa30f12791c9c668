// Package oidctest has a provider of OpenID Connect for tests, with keys of its
// own.
//
//	provider := oidctest.New("https://id.example")
//	provider.LogIn("ann", map[string]any{"email": "ann@example.org"})
//	host := apptest.New(t, apptest.ExternalService(provider.Issuer(), provider.Module))
//	host.Start(func(a *app.Application) { Module(a, host.Client()) })
//
// The [Provider] is an application of Chitor: an external service of a test host,
// as above, or served by engine for a browser, at http://localhost:8081 for
// instance. It has no pages: who asks for a login is logged in as the user that
// LogIn has named, or refused if there is none. All else is checked as a strict
// provider does it: the client and its secret, the RedirectURL, PKCE, codes that
// count once.
//
// What a bad provider would do, a test asks for: [Provider.Tamper] changes what the
// next ID tokens say, [Provider.Replace] sends others in their place,
// [Provider.RotateKeys] signs with another key, and [Provider.Break] has it answer
// nothing but errors.
//
// It is for tests alone: anybody may log in.
package oidctest
