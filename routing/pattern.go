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
	switch {
	case piece == "*":
		return wildcard{}, nil
	case !strings.ContainsAny(piece, "{}"):
		if err := checkConstant(piece); err != nil {
			return nil, err
		}
		text, err := url.PathUnescape(piece)
		return constant{text}, err
	case hasExpression(piece):
		return nil, checkName(strings.Trim(piece, "{}"))
	case !matched(piece):
		return nil, errors.New("the braces do not match")
	case piece[0] != '{' || piece[len(piece)-1] != '}' || strings.Count(piece, "{") > 1:
		return nil, errors.New("a parameter takes a whole segment")
	}
	name, isTail := strings.CutSuffix(piece[1:len(piece)-1], "...")
	switch {
	case isTail && name == "":
		return tail{}, nil
	case isTail:
		return tail{name}, checkName(name)
	default:
		return parameter{name}, checkName(name)
	}
}

// hasExpression reports whether a piece begins with a parameter that has a
// regular expression, in which there may be braces.
func hasExpression(piece string) bool {
	name, expression, found := strings.Cut(piece, ":")
	return found && piece[0] == '{' && !strings.ContainsAny(name[1:], "{}") && strings.HasSuffix(expression, "}") && expression != "...}"
}

// matched reports whether the braces of a piece match.
func matched(piece string) bool {
	opened, closed := strings.Count(piece, "{"), strings.Count(piece, "}")
	return opened == closed && strings.Index(piece, "{") < strings.Index(piece, "}")
}
