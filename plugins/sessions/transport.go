package sessions

import (
	"fmt"
	"net/http"
	"time"
)

// A transport carries what a client has of a session, in text of base64url.
//
// Ktor: SessionTransport.
type transport interface {
	// receive returns what a request carries, or "".
	receive(r *http.Request) string
	// fits returns an error if a value is too long to be sent.
	fits(value string) error
	// send has a response carry a value for as long as maxAge, in place of what it
	// has had before.
	send(header http.Header, value string, maxAge time.Duration, secure bool)
	// clear has a response take back what the client has.
	clear(header http.Header, secure bool)
	// unsend takes back what send and clear have done to a response.
	unsend(header http.Header)
	// varies is the request header that responses depend on.
	varies() string
	// longest is how much of a value is read at most.
	longest() int
}

func tooLong(what string, length, limit int) error {
	return fmt.Errorf("%s has %d bytes, and clients keep no more than %d: store less, or set a Storage, which leaves the client an ID",
		what, length, limit)
}
