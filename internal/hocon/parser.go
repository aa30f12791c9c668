package hocon

import "slices"

// parser reads the fields of one file into an object.
type parser struct {
	lexer
	token  token // the next one
	loader *loader
	source source

	path   []string // of the field that is read, that of the including object included
	arrays int      // the arrays around it
	depth  int      // the objects and arrays around it
	strict bool     // JSON: no key twice
}

func (p *parser) advance() error {
	var err error
	p.token, err = p.next()
	return err
}

// skipNewlines takes all line feeds.
func (p *parser) skipNewlines() error {
	for p.token.kind == '\n' {
		if err := p.advance(); err != nil {
			return err
		}
	}
	return nil
}

// document reads a file whose root is an object, with or without braces.
func (p *parser) document(into *object) error {
	if err := p.advance(); err != nil {
		return err
	}
	if err := p.skipNewlines(); err != nil {
		return err
	}
	switch p.token.kind {
	case '[':
		return errorf(p.token.site, "expected an object at the root of the file, found an array")
	case '{':
		if err := p.fields(into, '}'); err != nil {
			return err
		}
		if err := p.skipNewlines(); err != nil {
			return err
		}
		if p.token.kind != endOfFile {
			return errorf(p.token.site, "expected the end of the file after the object at the root, found %s", p.token)
		}
		return nil
	}
	return p.fields(into, endOfFile)
}

// enter counts what is nested, and leave takes it back.
func (p *parser) enter(levels int) error {
	if p.depth += levels; p.depth > maxDepth {
		return errorf(p.token.site, "expected at most %d objects and arrays in one another, found more", maxDepth)
	}
	return nil
}

func (p *parser) leave(levels int) { p.depth -= levels }

// fields takes fields up to what closes the object, and its brace before them.
func (p *parser) fields(into *object, closer kind) error {
	if err := p.enter(1); err != nil {
		return err
	}
	defer p.leave(1)
	if closer == '}' {
		if err := p.advance(); err != nil {
			return err
		}
	}
	for separated := true; ; {
		if err := p.skipNewlines(); err != nil {
			return err
		}
		if p.token.kind == closer {
			if closer == '}' {
				return p.advance()
			}
			return nil
		}
		if err := p.expectField(separated, closer); err != nil {
			return err
		}
		take := p.field
		if p.token.kind == text && p.token.text == "include" {
			take = p.include
		}
		if err := take(into); err != nil {
			return err
		}
		var err error
		if separated, err = p.separator(); err != nil {
			return err
		}
	}
}

// expectField refuses what cannot be the beginning of a field.
func (p *parser) expectField(separated bool, closer kind) error {
	closing := "}"
	if closer == endOfFile {
		closing = "the end of the file"
	}
	switch {
	case p.token.kind == '}':
		return errorf(p.token.site, "expected a key or the end of the file, found a } without its {")
	case p.token.kind == substitution || p.token.kind == optional:
		return errorf(p.token.site, "expected a key or %s, found a substitution, which no key can have", closing)
	case !separated:
		return errorf(p.token.site, "expected a comma, the end of the line or %s, found %s%s", closing, p.token, p.token.hint())
	case !p.token.simple():
		return errorf(p.token.site, "expected a key or %s, found %s", closing, p.token)
	}
	return nil
}

// separator takes line feeds and at most one comma, and says whether there were
// any.
func (p *parser) separator() (bool, error) {
	found := p.token.kind == '\n'
	if err := p.skipNewlines(); err != nil {
		return false, err
	}
	if p.token.kind != ',' {
		return found, nil
	}
	return true, p.advance()
}

// field takes a key, its separator and its value.
func (p *parser) field(into *object) error {
	keySite := p.token.site
	path, err := p.pathExpression("a key")
	if err != nil {
		return err
	}
	if _, twice := into.fields[path[0]]; twice && p.strict {
		return errorf(keySite, "expected each key once, as in JSON, found %s again", pathText(path))
	}
	if p.token.kind == substitution || p.token.kind == optional {
		return errorf(p.token.site, "expected :, =, += or {, found a substitution, which no key can have")
	}
	if err := p.skipNewlines(); err != nil {
		return err
	}
	if err := p.enter(len(path) - 1); err != nil {
		return err
	}
	outer := p.path
	p.path = append(slices.Clip(p.path), path...)
	value, err := p.fieldValue(path)
	p.path = outer
	p.leave(len(path) - 1)
	if err != nil {
		return err
	}
	for _, key := range slices.Backward(path[1:]) {
		value = &object{site: keySite, keys: []string{key}, fields: map[string]node{key: value}}
	}
	into.set(path[0], value)
	return nil
}

func (p *parser) fieldValue(path []string) (node, error) {
	separator := p.token
	switch separator.kind {
	case '{':
		return p.object()
	case ':', '=':
	case plusEquals:
		return p.appended(separator)
	default:
		return nil, errorf(separator.site, "expected :, =, += or { after the key %s, found %s", pathText(path), separator)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	return p.value()
}

// appended takes += and its value: a += b is a = ${?a} [b].
func (p *parser) appended(separator token) (node, error) {
	if p.arrays > 0 {
		return nil, errorf(separator.site, "expected : or =, found += in an array, whose elements have no path "+
			"that it could refer to")
	}
	previous := p.reference(separator, p.path)
	if err := p.advance(); err != nil {
		return nil, err
	}
	p.arrays++
	defer func() { p.arrays-- }()
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	return &concat{pieces: []node{previous, &array{site: value.at(), elements: []node{value}}}}, nil
}

func (p *parser) reference(at token, path []string) *reference {
	return &reference{
		site: at.site, key: p.path, path: slices.Clone(path), prefix: len(p.source.prefix), optional: at.kind != substitution,
	}
}

func (p *parser) object() (node, error) {
	n := &object{site: p.token.site}
	return n, p.fields(n, '}')
}
