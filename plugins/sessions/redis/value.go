package sessionsredis

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/plugins/sessions"
)

// The value of a session is a line of text and the data:
//
//	000001764452233123 000001764452290000 81b637d8...\n
//
// When the session expires by the clock of the node that has said so, until when
// it is listed by the clock of the server, both in milliseconds since 1970 and 18
// digits, and whose it is.
const (
	timeDigits = 18
	ownerAt    = 2 * (timeDigits + 1)
)

var errValue = errors.New("the value of the key is not that of a session")

// parseValue reads a value. The data are a part of it.
func parseValue(value []byte) (sessions.Record, error) {
	line, data, found := bytes.Cut(value, []byte("\n"))
	if !found || len(line) < ownerAt || line[timeDigits] != ' ' || line[ownerAt-1] != ' ' {
		return sessions.Record{}, errValue
	}
	expires, err := strconv.ParseUint(string(line[:timeDigits]), 10, 63)
	if err != nil {
		return sessions.Record{}, errValue
	}
	return sessions.Record{Data: data, Owner: string(line[ownerAt:]), Expires: time.UnixMilli(int64(expires))}, nil
}

// lifeOf returns for how many milliseconds a session is kept. None or fewer mean
// that it has expired.
func lifeOf(expires time.Time) int64 { return time.Until(expires).Milliseconds() }

// expiryText returns a time as values have it. Years that need more digits are
// those that lifeOf has cut.
func expiryText(expires time.Time) string {
	return fmt.Sprintf("%0*d", timeDigits, min(max(0, expires.UnixMilli()), 1e18-1))
}
