package routing

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// parse returns the selectors of a path. For instance those of
// "/a%20b/{id}//*/" are the constant "a b", the parameter id, a wildcard and a
// slash.
func parse(path string) ([]selector, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	var selectors []selector
	for piece := range strings.SplitSeq(path, "/") {
		if piece == "" {
			continue
		}
		parsed, err := parsePiece(piece)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", piece, err)
		}
		selectors = append(selectors, parsed)
	}
	if strings.HasSuffix(path, "/") {
		selectors = append(selectors, slash{})
	}
	return selectors, nil
}

// parsePiece returns the selector of what is between two slashes.
func parsePiece(piece string) (selector, error) {
	if piece == "*" {
		return wildcard{}, nil
	}
	if err := checkConstant(outside(piece)); err != nil {
		return nil, err
	}
	before, name, after, err := cutBraces(piece)
	if err != nil {
		return nil, err
	}
	prefix, err := url.PathUnescape(before)
	if err != nil {
		return nil, err
	}
	suffix, err := url.PathUnescape(after)
	switch {
	case err != nil:
		return nil, err
	case len(before) == len(piece):
		return constant{prefix}, nil
	default:
		return parseName(name, prefix, suffix)
	}
}

// cutBraces returns what is in front of the braces of a piece, in them and
// behind them. In them there may be further ones, of a regular expression.
func cutBraces(piece string) (before, inside, after string, err error) {
	before, inside, opened := strings.Cut(piece, "{")
	depth := 0
	if opened {
		depth = 1
	}
	for i := 0; i < len(inside) && depth > 0; i++ {
		switch inside[i] {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			inside, after = inside[:i], inside[i+1:]
		}
	}
	switch {
	case depth > 0 && strings.Contains(inside, ":"):
		err = errors.New("an expression is for one segment, so it has no slash in it, and its braces match: Regexp is for several segments")
	case depth > 0, strings.Contains(before, "}"), strings.Count(after, "{") != strings.Count(after, "}"):
		err = errors.New("the braces do not match")
	case strings.Contains(after, "{"):
		err = errors.New("a segment has one parameter: Regexp takes several, or the handler splits its value")
	}
	return before, inside, after, err
}

// outside returns a piece without what is in its braces.
func outside(piece string) string {
	before, inside, _ := strings.Cut(piece, "{")
	if last := strings.LastIndexByte(inside, '}'); last >= 0 {
		return before + inside[last+1:]
	}
	return before
}

// parseName returns the selector of what is in braces, with the text around
// them.
func parseName(name, prefix, suffix string) (selector, error) {
	around := parameter{name: name, prefix: prefix, suffix: suffix}
	if plain, text, found := strings.Cut(name, ":"); found && plain != "" && text != "" && text != "..." {
		around.name = plain
		if err := checkName(plain); err != nil {
			return nil, err
		}
		return newExpression(around, text)
	}
	if plain, isTail := strings.CutSuffix(name, "..."); isTail {
		if suffix != "" {
			return nil, fmt.Errorf("nothing can follow {%s...}, which takes all that remains", plain)
		}
		if plain == "" {
			return tail{prefix: prefix}, nil
		}
		return tail{plain, prefix}, checkName(plain)
	}
	around.name, around.optional = strings.CutSuffix(name, "?")
	return around, checkName(around.name)
}
