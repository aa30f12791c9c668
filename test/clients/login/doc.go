// Login is what .ci/check-login asks with curl: routes that want to know who is
// calling, by each scheme, a login by a form that begins a session, and an event
// stream for those who have logged in, which ends when they log out. It listens at a
// port without TLS and at one with it, whose certificate is in the key store that
// KEY_STORE names.
//
//	KEY_STORE=internal/keystore/testdata/openssl.p12 go run ./test/clients/login
package main
