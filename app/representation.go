package app

import (
	"net/http"
	"strings"
	"time"
)

// representation lists the header fields that describe one body, so that they
// would be wrong about another: those of RFC 9110 sections 8 and 14, digests
// (RFC 9530, and RFC 3230 and Content-MD5 before it), the name to store it under
// (RFC 6266), and the announcement of trailers, which belong to one body too.
// net/http's ServeContent takes back three of them when it fails.
var representation = [...]string{
	"Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Location",
	"Content-Range", "Accept-Ranges", "Etag", "Last-Modified",
	"Content-Digest", "Repr-Digest", "Digest", "Content-Md5",
	"Content-Disposition", "Trailer",
}

func deleteRepresentation(header http.Header) {
	for _, name := range representation {
		delete(header, name)
	}
}

// restoreRepresentation gives header the fields that describe a body, from old.
func restoreRepresentation(header, old http.Header) {
	for _, name := range representation {
		if values, set := old[name]; set {
			header[name] = values
		}
	}
}

// keeping lists the header fields that say how long an answer may be kept: RFC
// 9111 section 5, and what caches in front of a server are told (RFC 9213). What
// was said of a success must not keep the error in its place. ServeContent
// takes back Cache-Control as well.
var keeping = [...]string{"Cache-Control", "Expires", "Age", "Cdn-Cache-Control", "Surrogate-Control"}

// deleteKeeping deletes what lets an answer be kept. What forbids it stays: a
// middleware may have said so of whatever comes.
func deleteKeeping(header http.Header) {
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
	for _, value := range values {
		for directive := range strings.SplitSeq(value, ",") {
			if name := strings.ToLower(strings.TrimSpace(directive)); name == "no-store" || name == "no-cache" {
				return true
			}
		}
	}
	return false
}
