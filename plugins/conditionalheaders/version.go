package conditionalheaders

import (
	"fmt"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// A Version tells one version of a resource from others: an [EntityTagVersion]
// or a [LastModifiedVersion].
//
// Ktor: Version.
type Version interface{ describe(*state) }

// An EntityTagVersion is the tag of a version, such as a hash of its bytes or
// the number of a revision (RFC 9110 section 8.8.3).
//
// Ktor: EntityTagVersion.
type EntityTagVersion struct {
	// Tag is the tag, with its quotes or without. Quotes inside of it, spaces
	// and control characters are not allowed, nor is "*": the response becomes
	// an error.
	Tag string
	// Weak says that versions with this tag mean the same and may differ in
	// their bytes. A tag that begins with W/ is weak as well.
	Weak bool
}

func (v EntityTagVersion) describe(s *state) {
	tag, ok := httpheader.ParseEntityTag(v.Tag)
	if !ok || v.Tag == "*" {
		s.mistake = fmt.Errorf("conditional headers: %q is no entity tag", v.Tag)
		return
	}
	tag.Weak = tag.Weak || v.Weak
	if !s.tag.IsSet() {
		s.tag = tag
	}
}

// A LastModifiedVersion is when a version was made, to the second. An
// [EntityTagVersion] is more accurate.
//
// Ktor: LastModifiedVersion.
type LastModifiedVersion struct {
	// LastModified is the time, of any time zone. The zero time is unknown, and
	// says nothing.
	LastModified time.Time
}

func (v LastModifiedVersion) describe(s *state) {
	if modified := v.LastModified.Truncate(time.Second); modified.After(s.modified) {
		s.modified = modified
	}
}

// state is what is known of the version that a response is of: of several tags
// the first, of several times the latest.
type state struct {
	tag      httpheader.EntityTag
	modified time.Time // zero if it is not known
	mistake  error     // of a version that is none
}

// stateOf returns what versions say.
func stateOf(versions []Version) (state, error) {
	var s state
	for _, version := range versions {
		if version != nil {
			version.describe(&s)
		}
	}
	return s, s.mistake
}

// overriddenBy returns s with what the header of the response says in its place:
// a handler has set it for this very response.
func (s state) overriddenBy(header http.Header) state {
	if lines := header["Etag"]; len(lines) > 0 {
		s.tag, _ = httpheader.ParseEntityTag(lines[0])
	}
	if lines := header["Last-Modified"]; len(lines) > 0 {
		s.modified, _ = http.ParseTime(lines[0])
	}
	return s
}

// tell sets what the header does not say yet.
func (s state) tell(header http.Header, weak bool) {
	if len(header["Etag"]) == 0 && s.tag.IsSet() {
		tag := s.tag
		tag.Weak = tag.Weak || weak
		header["Etag"] = []string{tag.String()}
	}
	if len(header["Last-Modified"]) == 0 && !s.modified.IsZero() {
		header["Last-Modified"] = []string{s.modified.UTC().Format(http.TimeFormat)}
	}
}
