// Package authtest logs in, in tests, without credentials.
//
//	host := apptest.Start(t, Module)
//	ann := authtest.As(host, users, User{Name: "ann"})
//	require.Equal(t, "Hello, ann!", apptest.Text(t, ann.Get("/me")))
//
// The client that [As] returns is accepted by one scheme as the principal that
// the test has chosen: neither a password nor a token is made or checked, and
// what the scheme would do about them is not tested. All else takes the way that
// it takes in production.
//
// Ktor: what a test puts together with a test provider of its own.
package authtest
