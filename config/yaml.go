package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/chitor-go/chitor/app"
)

// The limits of a YAML document.
const (
	maxYAMLDepth  = 100     // mappings and sequences in one another
	maxYAMLValues = 100_000 // of which the values that aliases repeat are some
)

// parseYAML returns the tree of a YAML document, each value with its place, with
// its substitutions resolved. An empty document is an empty tree.
func parseYAML(name string, text []byte, environment func(string) (string, bool)) (map[string]any, error) {
	p := &yamlParser{name: name}
	root, err := p.document(text)
	switch {
	case err != nil:
		return nil, err
	case root == nil:
		return map[string]any{}, nil
	case root.Kind != yaml.MappingNode:
		return nil, p.errorf(root, "", "the document is no mapping: it begins with a key, as in ktor:")
	}
	tree := p.mapping(root, "", 0)
	if len(p.wrong) == 0 {
		s := &substitution{tree: tree, environment: environment, known: map[string]outcome{}}
		tree = s.branch("", tree)
		p.wrong = s.wrong
	}
	return tree, errors.Join(p.wrong...)
}

// document returns the root of the only document in a text, or nil if there is
// nothing in it.
func (p *yamlParser) document(text []byte) (*yaml.Node, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		return nil, p.loadError(text, err)
	}
	var first, second yaml.Node
	switch err := loader.Load(&first); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, p.loadError(text, err)
	}
	switch err := loader.Load(&second); {
	case err == nil:
		return nil, p.errorf(second.Content[0], "", "a second document begins here, and one is wanted")
	case !errors.Is(err, io.EOF):
		return nil, p.loadError(text, err)
	}
	root := first.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	return root, nil
}

// loadError returns an error of the YAML package with its place in front. It
// does not say where a character is that cannot be in a text.
func (p *yamlParser) loadError(text []byte, err error) error {
	var wrong *yaml.LoadError
	if !errors.As(err, &wrong) {
		return fmt.Errorf("%s: %w", app.Site{File: p.name, Line: 1}, err)
	}
	site := app.Site{File: p.name, Line: wrong.Mark.Line, Column: wrong.Mark.Column}
	if site.Line == 0 {
		before := bytes.IndexFunc(text, func(r rune) bool {
			return r == utf8.RuneError || unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\u0085", r)
		})
		site.Line = 1 + bytes.Count(text[:max(before, 0)], []byte("\n"))
	}
	message := strings.TrimPrefix(wrong.Message, "yaml: ")
	if wrong.ContextMsg != "" {
		message = wrong.ContextMsg + ": " + message
	}
	return yamlFailure(site, "", message)
}

// yamlParser makes a tree of the nodes of a document.
type yamlParser struct {
	name   string
	values int
	wrong  []error
}

func (p *yamlParser) site(node *yaml.Node) app.Site {
	return app.Site{File: p.name, Line: node.Line, Column: node.Column}
}

// errorf returns an error about the value at path, which is empty at the root.
func (p *yamlParser) errorf(node *yaml.Node, path, format string, arguments ...any) error {
	return yamlFailure(p.site(node), path, fmt.Sprintf(format, arguments...))
}

// yamlFailure returns an error with its place and its key.
func yamlFailure(site app.Site, path, message string) error {
	if path != "" {
		message = path + ": " + message
	}
	return fmt.Errorf("%s: %s", site, message)
}

func (p *yamlParser) fail(node *yaml.Node, path, format string, arguments ...any) {
	p.wrong = append(p.wrong, p.errorf(node, path, format, arguments...))
}

// exceeds counts a node, and reports whether that is too much.
func (p *yamlParser) exceeds(node *yaml.Node, path string, depth int) bool {
	if p.values++; p.values <= maxYAMLValues && depth <= maxYAMLDepth {
		return false
	}
	if len(p.wrong) == 0 {
		p.fail(node, path, "there are more than %d values in the document, or more than %d in one another", maxYAMLValues, maxYAMLDepth)
	}
	return true
}

// value returns what NewProperties takes for a node.
func (p *yamlParser) value(node *yaml.Node, path string, depth int) any {
	if p.exceeds(node, path, depth) {
		return nil
	}
	var value any
	site := p.site(node)
	if node.Kind == yaml.AliasNode { // errors name the place where it stands
		node = node.Alias
	}
	switch node.Kind {
	case yaml.MappingNode:
		value = p.mapping(node, path, depth+1)
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			list[i] = p.value(item, joinKey(path, strconv.Itoa(i)), depth+1)
		}
		value = list
	case yaml.ScalarNode:
		value = scalar(node)
	}
	return app.Located{Value: value, Site: site}
}

// mapping returns the branch of a mapping. What it merges (<<) stands behind
// what it says itself.
func (p *yamlParser) mapping(node *yaml.Node, path string, depth int) map[string]any {
	branch := make(map[string]any, len(node.Content)/2)
	lines := make(map[string]int, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		switch line, twice := lines[key.Value]; {
		case key.Kind == yaml.ScalarNode && key.Tag == "!!merge":
			continue
		case key.Kind != yaml.ScalarNode:
			p.fail(key, path, "a key is a mapping or a sequence, and a text is wanted")
		case twice:
			p.fail(key, joinKey(path, key.Value), "the key is there already, in line %d", line)
		default:
			lines[key.Value] = key.Line
			branch[key.Value] = p.value(value, joinKey(path, key.Value), depth)
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key := node.Content[i]; key.Kind == yaml.ScalarNode && key.Tag == "!!merge" {
			p.merge(branch, node.Content[i+1], path, depth)
		}
	}
	return branch
}

// merge adds to a branch what a mapping, or each of a sequence of them, has
// besides. Earlier ones win.
func (p *yamlParser) merge(branch map[string]any, from *yaml.Node, path string, depth int) {
	if from.Kind == yaml.AliasNode {
		from = from.Alias
	}
	switch {
	case p.exceeds(from, path, depth):
	case from.Kind == yaml.SequenceNode:
		for _, one := range from.Content {
			p.merge(branch, one, path, depth+1)
		}
	case from.Kind == yaml.MappingNode:
		for name, value := range p.mapping(from, path, depth+1) {
			if _, ok := branch[name]; !ok {
				branch[name] = value
			}
		}
	default:
		p.fail(from, path, "<< wants a mapping or a sequence of mappings")
	}
}

// joinKey returns the path of a key or an item below path.
func joinKey(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// isPlainNumber reports whether a text is one of the numbers of YAML 1.2, section
// 10.3.2, that are written as JSON has them, or nearly: [-+]?(\.[0-9]+ |
// [0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
func isPlainNumber(text string) bool {
	digits := func() (some bool) {
		rest := strings.TrimLeft(text, "0123456789")
		some, text = len(rest) < len(text), rest
		return some
	}
	begin := func(with string) bool {
		some := text != "" && strings.IndexByte(with, text[0]) >= 0
		if some {
			text = text[1:]
		}
		return some
	}
	begin("-+")
	whole := digits()
	fraction := begin(".") && digits()
	if !whole && !fraction {
		return false
	}
	if begin("eE") {
		begin("-+")
		if !digits() {
			return false
		}
	}
	return text == ""
}

// scalar returns the value of a scalar by YAML 1.2's core schema: numbers keep
// their spelling where they have one that is decimal.
func scalar(node *yaml.Node) any {
	text := node.Value
	switch node.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(text, "true")
	case "!!int", "!!float":
		if isPlainNumber(text) {
			return json.Number(text)
		}
		if strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0o") {
			if whole, err := strconv.ParseInt(text, 0, 64); err == nil {
				return whole
			}
		}
		if number, err := strconv.ParseFloat(strings.Replace(text, ".", "", 1), 64); err == nil && (math.IsInf(number, 0) || math.IsNaN(number)) {
			return number
		}
	}
	return text
}
