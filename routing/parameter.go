package routing

import (
	"regexp"
	"strings"
)

// parameter takes a segment and gives it a name: {name}. With text around it the
// name is for what is between: pre{name}suf. One that is optional also takes
// nothing: {name?}.
type parameter struct {
	name, prefix, suffix string
	optional             bool
}

func (s parameter) key() any   { return s }
func (s parameter) role() role { return onPath }

// String returns the parameter as it is written in a pattern.
func (s parameter) String() string {
	name := s.name
	if s.optional {
		name += "?"
	}
	return escape(s.prefix) + "{" + name + "}" + escape(s.suffix)
}

func (s parameter) quality() float64 {
	if s.prefix+s.suffix != "" {
		return qualityAffixed
	}
	return qualityParameter
}

func (s parameter) extend(above *outline) error {
	add := above.addSegment
	if s.optional {
		add = above.addOptional
	}
	if err := add(s.String(), segment{quality: s.quality()}); err != nil {
		return err
	}
	above.capture(s.name)
	return nil
}

func (s parameter) match(w *walk, _ *node, index int) fit {
	text := w.segment(index)
	inside, fits := strings.CutPrefix(text, s.prefix)
	if fits {
		_, fits = strings.CutSuffix(inside, s.suffix)
	}
	switch {
	case fits && text != "":
		return fit{quality: s.quality(), taken: 1, captures: true, skip: len(s.prefix), drop: len(s.suffix)}
	case !s.optional:
		return unfit()
	case text == "" && index < len(w.segments): // the slash at the end
		return fit{quality: qualityMissing, taken: 1, captures: true}
	default:
		return fit{quality: qualityMissing, captures: true}
	}
}

// maxMatched is how many bytes an expression looks at: what is longer matches
// none. The time for one is that of its length, and a path may have 64 KiB.
const maxMatched = 8 << 10

// expression is a parameter that takes a segment that a regular expression
// matches: {name:[0-9]+}. It may have text around it, which is no part of what
// is matched.
type expression struct {
	parameter

	text     string
	compiled *regexp.Regexp // of the text, from its beginning to its end
}

func newExpression(around parameter, text string) (expression, error) {
	compiled, err := anchored("^", text, "$")
	return expression{around, text, compiled}, err
}

// anchored compiles an expression to match from a beginning, and up to an end.
// The error is about the expression alone.
func anchored(begin, text, end string) (*regexp.Regexp, error) {
	if _, err := regexp.Compile(text); err != nil {
		return nil, err
	}
	return regexp.Compile(begin + "(?:" + text + ")" + end)
}

func (s expression) key() any { return "expression " + s.String() }

func (s expression) String() string {
	return escape(s.prefix) + "{" + s.name + ":" + s.text + "}" + escape(s.suffix)
}

func (s expression) extend(above *outline) error {
	added := segment{quality: qualityAffixed}
	if s.prefix+s.suffix == "" {
		added.expression = s.text
	}
	if err := above.addSegment(s.String(), added); err != nil {
		return err
	}
	above.capture(s.name)
	return nil
}

func (s expression) match(w *walk, at *node, index int) fit {
	found := s.parameter.match(w, at, index)
	if value := found.value(w.segment(index)); len(value) > maxMatched || found.failure == 0 && !s.compiled.MatchString(value) {
		return unfit()
	}
	found.quality = qualityAffixed
	return found
}
