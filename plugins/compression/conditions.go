package compression

import (
	"errors"
	"fmt"
	"mime"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Conditions must hold for a response to be encoded: all that were added. The
// zero Conditions always hold.
//
// Ktor: ConditionsHolderBuilder.
type Conditions struct {
	conditions []condition
	mistakes   mistakes.List
}

// A condition gets the response by value, so that calling it allocates nothing.
type condition func(response) bool

// MinimumSize requires a body of at least this many bytes before encoding; one
// whose length is not known passes. 0 lets everything pass, a negative size is
// a mistake.
//
// Ktor: minimumSize.
func (c *Conditions) MinimumSize(bytes int64) {
	if bytes < 0 {
		c.mistakes.Add(fmt.Errorf("minimum size %d is negative", bytes))
	}
	c.require(func(r response) bool { return r.length < 0 || r.length >= bytes })
}

// MatchContentType requires a Content-Type that one of the patterns matches; a
// response without one fails. A pattern is a media type such as
// "application/json", in any case, or a range of them with "*" as type or
// subtype. The Content-Type must have the parameters of the pattern too, with
// the same value or any for "*". A pattern that is none of that is a mistake.
//
// Ktor: matchContentType.
func (c *Conditions) MatchContentType(patterns ...string) {
	parsed := c.parse(patterns)
	c.require(func(r response) bool { return r.kind == "" && r.incomplete || r.matchesAny(parsed) })
}

// ExcludeContentType requires a Content-Type that none of the patterns matches,
// which are those of [Conditions.MatchContentType]; a response without one
// passes.
//
// Ktor: excludeContentType.
func (c *Conditions) ExcludeContentType(patterns ...string) {
	parsed := c.parse(patterns)
	c.require(func(r response) bool { return !r.matchesAny(parsed) })
}

// Condition requires that holds returns true. It may read the call and the
// response and must change neither. It runs while the response is being
// committed, for calls of several goroutines at once. Nil is a mistake.
//
// Ktor: condition.
func (c *Conditions) Condition(holds func(c *app.Call, out *app.Outgoing) bool) {
	if holds == nil {
		c.mistakes.Add(errors.New("the condition is nil"))
		return
	}
	c.require(func(r response) bool { return holds(r.call, r.out) })
}

func (c *Conditions) require(added condition) { c.conditions = append(c.conditions, added) }

// defaultConditions are those of Ktor, and that the format is not compressed in
// itself.
func defaultConditions() Conditions {
	var c Conditions
	c.MinimumSize(200)
	c.ExcludeContentType("video/*", "audio/*", "image/jpeg", "image/png", "multipart/*", "text/event-stream")
	c.require(func(r response) bool { return !r.isCompressed() })
	return c
}

func allHold(conditions []condition, r response) bool {
	for _, holds := range conditions {
		if !holds(r) {
			return false
		}
	}
	return true
}

// A pattern is a media type or range with the parameters that it requires.
type pattern struct {
	httpheader.MediaType

	parameters map[string]string
}

func (c *Conditions) parse(patterns []string) []pattern {
	parsed := make([]pattern, 0, len(patterns))
	for _, text := range patterns {
		added, err := parsePattern(text)
		if err != nil {
			c.mistakes.Add(fmt.Errorf("content type %q: %w", text, err))
		}
		parsed = append(parsed, added)
	}
	return parsed
}

func parsePattern(text string) (pattern, error) {
	mediaType, parameters, err := httpheader.ParseContentType(text)
	if err != nil {
		return pattern{}, err
	}
	for _, part := range [...]string{mediaType.Type, mediaType.Subtype} {
		if strings.Contains(part, "*") && part != "*" {
			return pattern{}, errors.New("* must stand alone")
		}
	}
	return pattern{mediaType, parameters}, nil
}

// matchesAny reports whether one of the patterns matches the response's
// Content-Type. A response without one matches none.
func (r *response) matchesAny(patterns []pattern) bool {
	if r.kind == "" {
		return false
	}
	for i := range patterns {
		if p := &patterns[i]; p.ContainsParts(r.kind, r.subtype) && p.allows(r.contentType) {
			return true
		}
	}
	return false
}

// allows reports whether a Content-Type has the parameters of the pattern.
func (p *pattern) allows(contentType string) bool {
	if len(p.parameters) == 0 {
		return true
	}
	_, parameters, err := mime.ParseMediaType(contentType)
	return err == nil && httpheader.HaveParameters(parameters, p.parameters)
}
