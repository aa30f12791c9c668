// Package sessions measures what a call with a session costs: with Chitor's
// plugin, with alexedwards/scs as a middleware, and with gorilla/securecookie in
// the handler. All run in the same application and keep the same value.
package sessions
