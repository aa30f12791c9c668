package routing

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
	if err := above.addSegment(s.String(), segment{quality: qualityWildcard}); err != nil {
		return err
	}
	above.capture("")
	return nil
}

func (s wildcard) match(w *walk, _ *node, index int) fit {
	if w.segment(index) == "" {
		return unfit()
	}
	return fit{quality: qualityWildcard, taken: 1, captures: true}
}

// A segment is what an outline knows of a selector that takes one.
type segment struct {
	text       string  // of a constant, decoded
	quality    float64 // that of the selector; qualityConstant means a constant
	expression string  // what the whole segment has to match, empty for anything
}

func (s segment) isConstant() bool { return s.quality == qualityConstant }
func (s segment) isWildcard() bool { return s.quality == qualityWildcard }

// isPlain reports whether the segment is a parameter that takes anything.
func (s segment) isPlain() bool {
	return !s.isConstant() && !s.isWildcard() && s.expression == ""
}

// overlaps reports whether both may take the same segment, as far as that can be
// told.
func (s segment) overlaps(other segment) bool {
	return !s.isConstant() || !other.isConstant() || s.text == other.text
}

// chiPattern returns the segment as chi is asked for it, with a name if it is no
// constant. Where it is ranked a parameter beats a *: chi prefers regular
// expressions, which it anchors, so that each has to be one.
func (s segment) chiPattern(name string, ranked bool) string {
	switch {
	case s.isConstant():
		return escape(s.text)
	case s.expression != "":
		return "{" + name + ":(?:" + s.expression + ")}"
	case ranked && s.isPlain():
		return "{" + name + ":(?s:.*)}"
	default:
		return "{" + name + "}"
	}
}
