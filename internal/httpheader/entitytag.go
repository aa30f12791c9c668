package httpheader

import (
	"iter"
	"strings"
)

// An EntityTag is the tag of one version of a resource (RFC 9110 section
// 8.8.3). The zero EntityTag is that of a version without one, and matches no
// tag.
type EntityTag struct {
	Opaque string // what is between the quotes
	Weak   bool

	set bool
}

// NewEntityTag returns the tag of an opaque text, and whether the text can be
// one: RFC 9110 allows no quotes, spaces and control characters in it.
func NewEntityTag(opaque string, weak bool) (EntityTag, bool) {
	for i := range len(opaque) {
		if !isTagByte(opaque[i]) {
			return EntityTag{}, false
		}
	}
	return EntityTag{opaque, weak, true}, true
}

// ParseEntityTag returns the tag that a header holds, with white space around
// it, and whether it holds exactly one.
func ParseEntityTag(text string) (EntityTag, bool) {
	tag, rest, ok := cutEntityTag(trim(text))
	return tag, ok && rest == ""
}

// IsSet reports whether the tag is one, and not the zero EntityTag.
func (t EntityTag) IsSet() bool { return t.set }

// String returns the tag as a header holds it, and "" for the zero EntityTag.
// It allocates.
func (t EntityTag) String() string {
	switch {
	case !t.set:
		return ""
	case t.Weak:
		return `W/"` + t.Opaque + `"`
	default:
		return `"` + t.Opaque + `"`
	}
}

// MatchesStrongly compares as If-Match and If-Range do (RFC 9110 section
// 8.8.3.2): no weak tag matches any.
func (t EntityTag) MatchesStrongly(other EntityTag) bool {
	return t.MatchesWeakly(other) && !t.Weak && !other.Weak
}

// MatchesWeakly compares as If-None-Match does.
func (t EntityTag) MatchesWeakly(other EntityTag) bool {
	return t.set && other.set && t.Opaque == other.Opaque
}

// EntityTags yields the tags of a header that is a list of them, in the order of
// its lines, and ends at what is none. A tag without quotes, as some clients
// send it, is taken for one with.
func EntityTags(lines []string) iter.Seq[EntityTag] {
	return func(yield func(EntityTag) bool) {
		for _, line := range lines {
			for {
				line = strings.TrimLeft(line, " \t,")
				tag, rest, ok := cutEntityTag(line)
				if !ok || !yield(tag) {
					break
				}
				line = rest
			}
		}
	}
}

// IsAnyTag reports whether the lines of a header are "*", which stands for any
// version that there is.
func IsAnyTag(lines []string) bool { return len(lines) == 1 && trim(lines[0]) == "*" }

// cutEntityTag cuts text behind the tag that it begins with. A backslash has no
// meaning in a tag.
func cutEntityTag(text string) (tag EntityTag, rest string, ok bool) {
	opaque, weak := strings.CutPrefix(text, "W/")
	quoted := strings.HasPrefix(opaque, `"`)
	if quoted {
		opaque = opaque[1:]
	}
	end := 0
	for end < len(opaque) && isTagByte(opaque[end]) && (quoted || opaque[end] != ',') {
		end++
	}
	rest = opaque[end:]
	if quoted {
		if !strings.HasPrefix(rest, `"`) {
			return EntityTag{}, text, false
		}
		rest = rest[1:]
	}
	if after := strings.TrimLeft(rest, " \t"); end == 0 && !quoted || after != "" && after[0] != ',' {
		return EntityTag{}, text, false
	}
	return EntityTag{opaque[:end], weak, true}, rest, true
}

// isTagByte reports whether c may be in a tag: etagc and obs-text.
func isTagByte(c byte) bool { return c == 0x21 || c >= 0x23 && c != 0x7f }
