package routing

import "strconv"

// constant takes the segment that is equal to its text, which is decoded.
type constant struct{ text string }

func (s constant) key() any   { return s }
func (s constant) role() role { return onPath }

func (s constant) extend(above *outline) error {
	return above.addSegment(s.String(), segment{text: s.text, quality: qualityConstant})
}

func (s constant) match(w *walk, _ *node, index int) fit {
	if w.segment(index) != s.text {
		return unfit()
	}
	return fit{quality: qualityConstant, taken: 1}
}

// wildcard takes any segment, without a name: *.
type wildcard struct{}

func (s wildcard) key() any   { return s }
func (s wildcard) role() role { return onPath }

func (s wildcard) extend(above *outline) error {
	return above.addSegment(s.String(), segment{quality: qualityWildcard})
}

func (s wildcard) match(w *walk, _ *node, index int) fit {
	if w.segment(index) == "" {
		return unfit()
	}
	return fit{quality: qualityWildcard, taken: 1, captures: true}
}

// A segment is what an outline knows of a selector that takes one.
type segment struct {
	text       string  // of a constant, decoded; else the name, empty for a *
	quality    float64 // that of the selector; qualityConstant means a constant
	again      bool    // the name is that of a parameter in front of it as well
	expression string  // what the whole segment has to match, empty for anything
}

func (s segment) isConstant() bool  { return s.quality == qualityConstant }
func (s segment) isWildcard() bool  { return !s.isConstant() && s.text == "" }
func (s segment) isParameter() bool { return !s.isConstant() && s.text != "" }

// overlaps reports whether both may take the same segment, as far as that can be
// told.
func (s segment) overlaps(other segment) bool {
	return !s.isConstant() || !other.isConstant() || s.text == other.text
}

// chiPattern returns the segment at a position as it is written for chi, which
// captures under a name in any case, and never twice under the same one. A name
// of ours has no *.
func (s segment) chiPattern(position int) string {
	switch {
	case s.isConstant():
		return escape(s.text)
	case s.isWildcard() || s.again:
		return "{" + s.text + "*" + strconv.Itoa(position) + s.chiExpression() + "}"
	default:
		return "{" + s.text + s.chiExpression() + "}"
	}
}

// chiExpression returns the expression as it is written for chi, which anchors
// it, and so has to see it as one.
func (s segment) chiExpression() string {
	if s.expression == "" {
		return ""
	}
	return ":(?:" + s.expression + ")"
}
