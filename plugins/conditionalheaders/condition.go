package conditionalheaders

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// evaluate returns the status that the conditions of GET or HEAD ask for, 0 if
// they are met, in the order of RFC 9110 section 13.2.2. Without a version there
// is nothing that they could be about.
func (s state) evaluate(request http.Header) int {
	if !s.tag.IsSet() && s.modified.IsZero() {
		return 0
	}
	if s.fails(request) {
		return http.StatusPreconditionFailed
	}
	switch matches, asked := s.matches(request["If-None-Match"], httpheader.EntityTag.MatchesWeakly); {
	case matches:
		return http.StatusNotModified
	case !asked && s.knownSinceAll(request["If-Modified-Since"]):
		return http.StatusNotModified
	default:
		return 0
	}
}

// fails reports whether If-Match, or else If-Unmodified-Since, is not met.
func (s state) fails(request http.Header) bool {
	matches, asked := s.matches(request["If-Match"], httpheader.EntityTag.MatchesStrongly)
	return asked && !matches || !asked && s.modifiedAfterAny(request["If-Unmodified-Since"])
}

// matches reports whether the tag is one of those in the lines of a header, and
// whether they ask about any. Blank lines do not.
func (s state) matches(lines []string, compare func(a, b httpheader.EntityTag) bool) (matches, asked bool) {
	if httpheader.IsAnyTag(lines) {
		return true, true
	}
	for tag := range httpheader.EntityTags(lines) {
		if compare(tag, s.tag) {
			return true, true
		}
	}
	return false, hasText(lines)
}

func hasText(lines []string) bool {
	return slices.ContainsFunc(lines, func(line string) bool { return strings.Trim(line, " \t") != "" })
}

// modifiedAfterAny reports whether the version is later than one of the dates.
func (s state) modifiedAfterAny(lines []string) bool {
	for _, line := range lines {
		if date, err := http.ParseTime(line); err == nil && s.modified.After(date) {
			return true
		}
	}
	return false
}

// knownSinceAll reports whether there are dates, and the version is later than
// none of them. What is no date is ignored, as RFC 9110 says.
func (s state) knownSinceAll(lines []string) bool {
	known := false
	for _, line := range lines {
		date, err := http.ParseTime(line)
		if err != nil || s.modified.IsZero() {
			continue
		}
		if s.modified.After(date) {
			return false
		}
		known = true
	}
	return known
}

// continues reports whether If-Range lets a range of this version be sent: it is
// the one that the client has a part of (RFC 9110 section 13.1.5). A tag has to
// be a strong one, and a date the very same.
func (s state) continues(lines []string) bool {
	asked := ""
	if len(lines) > 0 {
		asked = strings.Trim(lines[0], " \t")
	}
	if asked == "" {
		return true
	}
	if date, err := http.ParseTime(asked); err == nil {
		return !s.modified.IsZero() && s.modified.Truncate(time.Second).Equal(date)
	}
	tag, ok := httpheader.ParseEntityTag(asked)
	return ok && tag.MatchesStrongly(s.tag)
}
