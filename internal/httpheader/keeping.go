package httpheader

import (
	"net/http"
	"time"
)

// keeping lists the header fields that say how long a response may be kept: RFC
// 9111 section 5, and what caches in front of a server are told (RFC 9213).
// net/http's ServeContent takes back Cache-Control as well.
var keeping = [...]string{"Cache-Control", "Expires", "Age", "Cdn-Cache-Control", "Surrogate-Control"}

// DeleteKeeping deletes what lets a response be kept, for an error that takes
// the place of a success: a cache would serve it to everybody. What forbids
// keeping stays: a middleware may have said so of whatever comes.
func DeleteKeeping(header http.Header) {
	for _, name := range keeping {
		values, set := header[name]
		if set && !forbidsKeeping(values) && (name != "Expires" || !hasExpired(header.Get(name))) {
			delete(header, name)
		}
	}
}

// hasExpired reports whether a value of Expires is no time to come. Whatever is
// no date counts as past (RFC 9111 section 5.3).
func hasExpired(value string) bool {
	expires, err := http.ParseTime(value)
	return err != nil || !expires.After(time.Now())
}

// forbidsKeeping reports whether directives let nothing be used again unasked
// (RFC 9111 section 5.2.2).
func forbidsKeeping(values []string) bool {
	return Lists(values, "no-store") || Lists(values, "no-cache")
}
