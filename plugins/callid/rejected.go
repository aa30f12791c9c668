package callid

import (
	"fmt"
	"net/http"
)

// shownLength is how much of a refused id goes into a log.
const shownLength = 64

// A RejectedError is the error of a call whose id was refused. The response is
// 400, without the id. A [Verifier] returns it to refuse an id.
//
// Ktor: RejectedCallIdException.
type RejectedError struct {
	// ID is the id that was refused, whole: treat it as hostile.
	ID string
}

// Error quotes the beginning of the id.
func (e *RejectedError) Error() string {
	if len(e.ID) <= shownLength {
		return fmt.Sprintf("%q is refused", e.ID)
	}
	return fmt.Sprintf("%q... of %d bytes is refused", e.ID[:shownLength], len(e.ID))
}

// StatusCode returns 400.
func (e *RejectedError) StatusCode() int { return http.StatusBadRequest }
