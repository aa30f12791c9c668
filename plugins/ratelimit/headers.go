package ratelimit

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Headers says which headers tell a client what is left of a limit. Whatever it
// is, a refused call has Retry-After, in seconds, rounded up and at least 1.
type Headers uint8

const (
	// AllHeaders sends the two kinds below.
	AllHeaders Headers = iota
	// XHeaders sends those of Ktor and of many services: X-RateLimit-Limit,
	// X-RateLimit-Remaining, and X-RateLimit-Reset, the Unix time in seconds,
	// rounded up, at which the bucket is full again. Of several limits they are
	// those of the one that has the fewest tokens left, or has refused the call.
	XHeaders
	// DraftHeaders sends those of the IETF's draft
	// draft-ietf-httpapi-ratelimit-headers: RateLimit-Policy, with the limit as q
	// and the seconds of Refill as w, which is missing if they are not whole, and
	// RateLimit, with what remains as r and the seconds until there is more as t,
	// which is missing if the bucket is full. Each limit has an item in both. No
	// partition key is sent.
	DraftHeaders
	// NoHeaders sends none.
	NoHeaders
)

// UnmarshalText reads "all", "x", "draft" or "none".
func (h *Headers) UnmarshalText(text []byte) error {
	switch string(text) {
	case "all":
		*h = AllHeaders
	case "x":
		*h = XHeaders
	case "draft":
		*h = DraftHeaders
	case "none":
		*h = NoHeaders
	default:
		return fmt.Errorf("%q is none of all, x, draft and none", text)
	}
	return nil
}

// The names as a http.Header has them.
const (
	limitHeader     = "X-Ratelimit-Limit"
	remainingHeader = "X-Ratelimit-Remaining"
	resetHeader     = "X-Ratelimit-Reset"
	policyHeader    = "Ratelimit-Policy"
	draftHeader     = "Ratelimit"
)

// write adds the headers for a decision to those of the limits around. Their
// values share two allocations: they are on each response.
func (h Headers) write(header http.Header, d *Decision) {
	var names [5]string
	var ends [5]int // of the values in text
	var buffer [160]byte
	count, text := 0, buffer[:0]
	if h == AllHeaders || h == DraftHeaders {
		text = d.appendPolicy(text)
		names[0], ends[0] = policyHeader, len(text)
		text = d.appendLeft(text)
		names[1], ends[1] = draftHeader, len(text)
		count = 2
	}
	if (h == AllHeaders || h == XHeaders) && !hasFewer(header, d) {
		for i, number := range [...]int64{int64(d.Policy.Limit), int64(d.Remaining), d.resetTime()} {
			text = strconv.AppendInt(text, number, 10)
			names[count], ends[count] = [...]string{limitHeader, remainingHeader, resetHeader}[i], len(text)
			count++
		}
	}
	if count > 0 {
		set(header, names[:count], ends[:count], string(text))
	}
}

// set sets headers whose values stand one after the other in text. An item of a
// list joins those that are there.
func set(header http.Header, names []string, ends []int, text string) {
	values := make([]string, len(names))
	begin := 0
	for i, name := range names {
		values[i] = text[begin:ends[i]]
		begin = ends[i]
		value := values[i : i+1 : i+1]
		if around := header[name]; len(around) > 0 && (name == policyHeader || name == draftHeader) {
			value = append(around, values[i])
		}
		header[name] = value
	}
}

// hasFewer reports whether a limit around has spoken that is closer to its end.
func hasFewer(header http.Header, d *Decision) bool {
	set := header[remainingHeader]
	if len(set) != 1 || !d.Allowed {
		return false
	}
	left, err := strconv.Atoi(set[0])
	return err == nil && left <= d.Remaining
}

// appendPolicy appends an item of RateLimit-Policy.
func (d *Decision) appendPolicy(text []byte) []byte {
	text = strconv.AppendInt(append(d.appendName(text), ";q="...), int64(d.Policy.Limit), 10)
	if d.Policy.Refill%time.Second == 0 {
		text = strconv.AppendInt(append(text, ";w="...), int64(d.Policy.Refill/time.Second), 10)
	}
	return text
}

// appendLeft appends an item of RateLimit.
func (d *Decision) appendLeft(text []byte) []byte {
	text = strconv.AppendInt(append(d.appendName(text), ";r="...), int64(d.Remaining), 10)
	if d.Next > 0 {
		text = strconv.AppendInt(append(text, ";t="...), max(1, seconds(d.Next)), 10)
	}
	return text
}

// appendName appends the name of a limit as a string of structured fields (RFC
// 9651 section 3.3.3). It is a token, in which nothing has to be escaped.
func (d *Decision) appendName(text []byte) []byte {
	return append(append(append(text, '"'), d.Policy.Name...), '"')
}

// resetTime is the Unix time at which the bucket is full again, rounded up.
func (d *Decision) resetTime() int64 {
	full := time.Now().Add(d.Reset).Round(time.Microsecond)
	if full.Nanosecond() > 0 {
		return full.Unix() + 1
	}
	return full.Unix()
}
