package compression

import (
	"errors"
	"fmt"
	"mime"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Conditions are what must hold for a response to be encoded: all that were
// added. The zero Conditions always hold.
// Ktor: ConditionsHolderBuilder.
type Conditions struct {
	conditions []condition
	mistakes   []error
}

// condition gets the answer by value, so that asking one allocates nothing.
type condition func(answer) bool

// MinimumSize asks for a body that has at least this many bytes before
// encoding; one whose length is not known passes. 0 lets everything pass, a
// negative size is a mistake.
// Ktor: minimumSize.
func (c *Conditions) MinimumSize(bytes int64) {
	if bytes < 0 {
		c.mistake(fmt.Errorf("minimum size %d is negative", bytes))
	}
	c.require(func(a answer) bool { return a.length < 0 || a.length >= bytes })
}

// MatchContentType asks for a Content-Type that one of the patterns matches; an
// answer without one fails. A pattern is a media type such as
// "application/json", without regard to case; "*" stands for any type or
// subtype. Its parameters must stand in the Content-Type too, with the same
// value or any for "*". A pattern that is none of that is a mistake.
// Ktor: matchContentType.
func (c *Conditions) MatchContentType(patterns ...string) {
	ranges := c.parse(patterns)
	c.require(func(a answer) bool { return a.kind == "" && a.elsewhere || a.isOfAny(ranges) })
}

// ExcludeContentType asks for a Content-Type that none of the patterns matches,
// which are those of [Conditions.MatchContentType]; an answer without one
// passes.
// Ktor: excludeContentType.
func (c *Conditions) ExcludeContentType(patterns ...string) {
	ranges := c.parse(patterns)
	c.require(func(a answer) bool { return !a.isOfAny(ranges) })
}

// Condition asks holds, which may read the call and the response and must
// change neither. It runs while the response is being committed, for calls of
// several goroutines at once. Nil is a mistake.
// Ktor: condition.
func (c *Conditions) Condition(holds func(c *app.Call, out *app.Outgoing) bool) {
	if holds == nil {
		c.mistake(errors.New("the condition is nil"))
		return
	}
	c.require(func(a answer) bool { return holds(a.call, a.out) })
}

func (c *Conditions) require(added condition) { c.conditions = append(c.conditions, added) }
func (c *Conditions) mistake(err error)       { c.mistakes = append(c.mistakes, err) }

// defaultConditions are Ktor's.
func defaultConditions() Conditions {
	var c Conditions
	c.MinimumSize(200)
	c.ExcludeContentType("video/*", "audio/*", "image/jpeg", "image/png", "multipart/*", "text/event-stream")
	return c
}

func allHold(conditions []condition, a answer) bool {
	for _, holds := range conditions {
		if !holds(a) {
			return false
		}
	}
	return true
}

// A mediaRange is a media type, or several by "*".
type mediaRange struct {
	kind, subtype string
	parameters    map[string]string
}

func (c *Conditions) parse(patterns []string) []mediaRange {
	ranges := make([]mediaRange, 0, len(patterns))
	for _, pattern := range patterns {
		parsed, err := parseMediaRange(pattern)
		if err != nil {
			c.mistake(err)
		}
		ranges = append(ranges, parsed)
	}
	return ranges
}

func parseMediaRange(pattern string) (mediaRange, error) {
	mediaType, parameters, err := mime.ParseMediaType(pattern)
	if err != nil {
		return mediaRange{}, fmt.Errorf("content type %q: %w", pattern, err)
	}
	kind, subtype, slash := strings.Cut(mediaType, "/")
	if !slash {
		return mediaRange{}, fmt.Errorf("content type %q: it has no subtype", pattern)
	}
	for _, part := range [...]string{kind, subtype} {
		if strings.Contains(part, "*") && part != "*" {
			return mediaRange{}, fmt.Errorf("content type %q: * must stand alone", pattern)
		}
	}
	return mediaRange{kind, subtype, parameters}, nil
}

// isOfAny reports whether the answer's content type lies in one of the ranges.
func (a *answer) isOfAny(ranges []mediaRange) bool {
	if a.kind == "" {
		return false
	}
	for i := range ranges {
		if m := &ranges[i]; m.hasType(a.kind, a.subtype) && m.hasParameters(a.contentType) {
			return true
		}
	}
	return false
}

func (m *mediaRange) hasType(kind, subtype string) bool {
	return (m.kind == "*" || equalFold(m.kind, kind)) && (m.subtype == "*" || equalFold(m.subtype, subtype))
}

func (m *mediaRange) hasParameters(contentType string) bool {
	if len(m.parameters) == 0 {
		return true
	}
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	for name, want := range m.parameters {
		got, has := parameters[name]
		if !has || want != "*" && !strings.EqualFold(want, got) {
			return false
		}
	}
	return true
}
