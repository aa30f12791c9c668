package jwt

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// registered is what the scheme itself reads of a payload (RFC 7519 section
// 4.1). Names are compared to the letter, and none may stand twice, unlike in
// what package encoding/json makes of the payload.
type registered struct {
	issuer, audience       []byte // JSON, nil where missing
	expires, begins, issue date
}

// A date is a number of seconds since 1970, or missing.
type date struct {
	seconds float64
	set     bool
}

// latest is the end of the year 9999, and what is later counts as that.
const latest = 253402300799

func (d *date) time() time.Time {
	whole, part := math.Modf(min(max(d.seconds, -latest), latest))
	return time.Unix(int64(whole), int64(part*1e9))
}

// readRegistered reads the registered claims of a payload, which is valid JSON.
func readRegistered(payload []byte) (r registered, ok bool) {
	var seen [5]bool
	ok = eachMember(payload, func(name string, value []byte) bool {
		var place int
		fits := true
		switch name {
		case "exp":
			place, fits = 0, r.expires.read(value)
		case "nbf":
			place, fits = 1, r.begins.read(value)
		case "iat":
			place, fits = 2, r.issue.read(value)
		case "iss":
			place, r.issuer = 3, present(value)
		case "aud":
			place, r.audience = 4, present(value)
		default:
			return true
		}
		fits = fits && !seen[place]
		seen[place] = true
		return fits
	})
	return r, ok
}

// present returns a value, and nil for null.
func present(value []byte) []byte {
	if string(value) == "null" {
		return nil
	}
	return value
}

// read reads a number, or null as none.
func (d *date) read(value []byte) bool {
	if present(value) == nil {
		return true
	}
	d.set = true
	if len(value) <= 15 {
		whole := int64(0)
		for _, c := range value {
			if c < '0' || c > '9' {
				return d.readSlowly(value)
			}
			whole = whole*10 + int64(c-'0')
		}
		d.seconds = float64(whole)
		return true
	}
	return d.readSlowly(value)
}

func (d *date) readSlowly(value []byte) (ok bool) {
	seconds, err := strconv.ParseFloat(string(value), 64) // a text in quotes is none
	d.seconds = seconds
	return err == nil
}

// is reports whether JSON is that text.
func is(value []byte, text string) bool {
	if len(value) < 2 || value[0] != '"' {
		return false
	}
	if string(value[1:len(value)-1]) == text { // the usual case, without a copy
		return true
	}
	var read string
	return json.Unmarshal(value, &read) == nil && read == text
}

// isAmong reports whether JSON is one of texts, or a list with one of them.
func isAmong(value []byte, texts []string) bool {
	if len(value) > 0 && value[0] == '[' {
		found := false
		eachElement(value, func(element []byte) bool {
			found = isAmong(element, texts) && element[0] == '"'
			return !found
		})
		return found
	}
	for _, text := range texts {
		if is(value, text) {
			return true
		}
	}
	return false
}
