package websockets

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// A CloseCode says why a WebSocket was closed (RFC 6455 section 7.4). Codes from
// 3000 to 3999 are for libraries, those from 4000 to 4999 for applications.
//
// Ktor: CloseReason.Codes.
type CloseCode uint16

// The codes that RFC 6455 and its registry define, and that may be sent.
const (
	CloseNormal             CloseCode = 1000
	CloseGoingAway          CloseCode = 1001
	CloseProtocolError      CloseCode = 1002
	CloseCannotAccept       CloseCode = 1003
	CloseNotConsistent      CloseCode = 1007 // text that is not UTF-8, or data that cannot be read
	CloseViolatedPolicy     CloseCode = 1008
	CloseTooBig             CloseCode = 1009
	CloseMandatoryExtension CloseCode = 1010
	CloseInternalError      CloseCode = 1011
	CloseServiceRestart     CloseCode = 1012
	CloseTryAgainLater      CloseCode = 1013
	CloseBadGateway         CloseCode = 1014
)

// The codes that are never sent.
const (
	// CloseNoStatus stands for a close frame without a code.
	CloseNoStatus CloseCode = 1005
	// CloseAbnormal stands for a connection that has ended without a close frame.
	CloseAbnormal CloseCode = 1006
)

// maxCloseMessage is how many bytes of text a close frame has room for.
const maxCloseMessage = 123

// A CloseReason is the code and the text of a close frame. It is an error that is
// made to be shown: [Session.End] and the function of a WebSocket may be given
// it, or one that wraps it, and the client gets its code and its text.
//
// Ktor: CloseReason.
type CloseReason struct { //nolint:errname // Ktor's name, and more than an error
	Code CloseCode
	// Message is at most 123 bytes of UTF-8.
	Message string
}

// Error returns the code and the text.
func (r CloseReason) Error() string {
	if r.Message == "" {
		return fmt.Sprintf("closed with %d", r.Code)
	}
	return fmt.Sprintf("closed with %d: %s", r.Code, r.Message)
}

// check returns why a reason cannot be sent.
func (r CloseReason) check() error {
	switch {
	case !r.Code.sendable():
		return fmt.Errorf("the code %d is not for sending", r.Code)
	case len(r.Message) > maxCloseMessage:
		return fmt.Errorf("the message has %d bytes, and a close frame has room for %d", len(r.Message), maxCloseMessage)
	case !utf8.ValidString(r.Message):
		return errors.New("the message is not UTF-8")
	default:
		return nil
	}
}

// sendable reports whether a close frame may have the code.
func (c CloseCode) sendable() bool {
	switch c {
	case 1004, CloseNoStatus, CloseAbnormal:
		return false
	default:
		return c >= CloseNormal && c <= CloseBadGateway || c >= 3000 && c <= 4999
	}
}
