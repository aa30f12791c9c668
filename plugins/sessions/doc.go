// Package sessions keeps what a client has done from one call to the next.
//
// Ktor: Sessions.
package sessions
