package hocon

import "strings"

// element is a part of a path, between two periods.
type element struct {
	text   strings.Builder
	quoted bool // whether a part of it is: it may be empty then
}

// pathExpression takes a path, of a key or of a substitution: simple values and
// the space between them. A period without quotes separates two elements, those
// in numbers too.
func (p *parser) pathExpression(what string) ([]string, error) {
	elements := []*element{{}}
	site := p.token.site
	for first := true; p.token.simple(); first = false {
		if !first {
			elements[len(elements)-1].text.WriteString(p.token.before)
		}
		if p.token.kind == quoted {
			last := elements[len(elements)-1]
			last.text.WriteString(p.token.text)
			last.quoted = true
		} else {
			for i, part := range strings.Split(p.token.text, ".") {
				if i > 0 {
					elements = append(elements, &element{})
				}
				if len(elements) > maxDepth {
					return nil, errorf(site, "expected at most %d elements of a path, found more", maxDepth)
				}
				elements[len(elements)-1].text.WriteString(part)
			}
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	path := make([]string, len(elements))
	for i, element := range elements {
		path[i] = element.text.String()
		if path[i] == "" && !element.quoted {
			if len(elements) == 1 {
				return nil, errorf(site, "expected %s, found %s", what, p.token)
			}
			return nil, errorf(site, `expected a name before and after each period of a path, found none (an empty one is written "")`)
		}
	}
	return path, nil
}

// pathText writes a path as a substitution would.
func pathText(path []string) string {
	var built strings.Builder
	for i, element := range path {
		if i > 0 {
			built.WriteByte('.')
		}
		if element == "" || strings.ContainsAny(element, reserved+". \t\n") {
			built.WriteString(`"` + glimpse([]byte(element)) + `"`)
		} else {
			built.WriteString(element)
		}
	}
	return built.String()
}
