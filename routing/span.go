package routing

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Regexp returns the part of r for paths whose next segments a regular
// expression matches, as many as it takes:
//
//	r.Regexp(`(?<user>\w+)/repos/(?<repo>.+)`).Get("", repository)
//
// The segments are decoded and joined by slashes, with one in front of them if
// the expression begins with one. The match begins with the first of them, ends
// in front of a slash, behind one or at the end of the path, and counts as much
// as a constant. Of alternatives the first one that matches is taken, also where
// the match ends inside a segment then, so that there is none: a longer one comes
// first, as in v(10|1). Named groups are path parameters, empty where they take
// no part. What remains of a path and has more than 8 KiB matches no expression.
// An expression for one segment is written in the path: {name:[0-9]+}. One that
// is empty or cannot be compiled is a mistake.
//
// Ktor: route with a Regex.
func (r *Route) Regexp(expression string) *Route {
	site, what := r.caller(), "route Regexp("+expression+")"
	compiled, err := anchored("^", expression, "")
	if err == nil && expression == "" {
		err = errors.New("the expression is empty, and takes no segment")
	}
	if err != nil {
		return r.refuse(site, fmt.Errorf("%s: %w", what, err))
	}
	for _, name := range compiled.SubexpNames() {
		if name != "" {
			if err := checkName(name); err != nil {
				return r.refuse(site, fmt.Errorf("%s: %w", what, err))
			}
		}
	}
	if err := r.outline.openBelow(); err != nil {
		return r.refuse(site, fmt.Errorf("%s: %w", what, err))
	}
	text := strings.TrimPrefix(expression, "^")
	return r.below(site, what, span{
		expression:  expression,
		compiled:    compiled,
		slashed:     strings.HasPrefix(text, "/") || strings.HasPrefix(text, `\/`),
		endsInSlash: strings.HasSuffix(expression, "/"),
	})
}

// span takes the segments that a regular expression matches.
type span struct {
	expression  string
	compiled    *regexp.Regexp // anchored at the beginning
	slashed     bool           // it begins with a slash
	endsInSlash bool
}

func (s span) key() any   { return "span " + s.expression }
func (s span) role() role { return onPath }

func (s span) extend(above *outline) error {
	if err := above.lengthen(s.String()); err != nil {
		return err
	}
	above.slash = false
	above.openFront(len(above.segments))
	for _, name := range s.compiled.SubexpNames() {
		if name != "" {
			above.capture(name)
		}
	}
	return nil
}

func (s span) match(w *walk, _ *node, index int) fit {
	text, remain := w.joined(index, s.slashed, w.ignoresSlash && s.endsInSlash), w.segments[index:]
	if len(text) > maxMatched {
		return unfit()
	}
	found := s.compiled.FindStringSubmatchIndex(text)
	if found == nil {
		return unfit()
	}
	taken, fits := len(remain), found[1] == len(text)
	if !fits {
		taken, fits = s.count(remain, found[1])
	}
	if !fits {
		return unfit()
	}
	return fit{quality: qualityConstant, taken: taken, groups: s.groups(text, found)}
}

// joined returns the segments from an index on, joined by slashes, with one in
// front of them and one behind them if that is asked for. All of them are joined
// once for a walk, however many expressions look at them.
func (w *walk) joined(index int, front, behind bool) string {
	if w.text == "" {
		w.text = "/" + strings.Join(w.segments, "/") + "/"
	}
	text, begin := w.text, 1
	if index == len(w.segments) {
		text = "//" // with nothing between them
	} else {
		for _, segment := range w.segments[:index] {
			begin += len(segment) + 1
		}
	}
	end := len(text)
	if front {
		begin--
	}
	if !behind {
		end--
	}
	return text[begin:end]
}

// count returns how many segments end where a match ends, in front of the slash
// behind them or behind it, and whether one does. A slash in a segment is none.
func (s span) count(segments []string, end int) (taken int, fits bool) {
	behind := 0 // the slash, or the beginning, in front of a segment
	if s.slashed {
		behind = 1
	}
	for i, segment := range segments {
		behind += len(segment) + 1
		if end == behind-1 || end == behind {
			return i + 1, true
		}
	}
	return 0, false
}

// groups returns the values of the named groups of a match.
func (s span) groups(text string, found []int) []string {
	var values []string
	for i, name := range s.compiled.SubexpNames() {
		switch {
		case name == "":
		case found[2*i] < 0: // it takes no part
			values = append(values, "")
		default:
			values = append(values, text[found[2*i]:found[2*i+1]])
		}
	}
	return values
}
