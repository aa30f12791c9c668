package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// Properties is a tree of configuration. Paths are dotted, as in
// "database.pool.size". The zero Properties is empty. It is never changed, so
// any goroutine may read it.
//
// Ktor: ApplicationConfig.
type Properties struct{ tree map[string]any }

// NewProperties returns the properties of a tree: maps with text keys, slices,
// texts, numbers and booleans, as encoding/json makes them. The tree must not
// be changed afterwards.
func NewProperties(tree map[string]any) Properties { return Properties{tree} }

// Lookup returns what the tree holds at path, and whether it holds anything.
func (p Properties) Lookup(path string) (any, bool) {
	var found any = p.tree
	for name := range strings.SplitSeq(path, ".") {
		branch, ok := found.(map[string]any)
		if !ok {
			return nil, false
		}
		if found, ok = branch[name]; !ok {
			return nil, false
		}
	}
	return found, true
}

// Text returns what the tree holds at path as text, and whether it is a text, a
// number or a boolean.
//
// Ktor: propertyOrNull.
func (p Properties) Text(path string) (string, bool) {
	found, ok := p.Lookup(path)
	if !ok {
		return "", false
	}
	switch found := found.(type) {
	case nil, map[string]any, []any:
		return "", false
	case float64: // what encoding/json makes of any number
		return strconv.FormatFloat(found, 'f', -1, 64), true
	default:
		return fmt.Sprint(found), true
	}
}

// Decode fills target, a pointer, with what the tree holds at path, by the
// rules of encoding/json; what the properties do not mention keeps its value. A
// path that the tree does not have changes nothing.
func (p Properties) Decode(path string, target any) error {
	found, ok := p.Lookup(path)
	if !ok {
		return nil
	}
	text, err := json.Marshal(found)
	if err == nil {
		err = json.Unmarshal(text, target)
	}
	if err != nil {
		return fmt.Errorf("decode property %s: %w", path, err)
	}
	return nil
}

// With returns the properties with those of over laid over them: branches are
// joined, everything else is replaced.
//
// Ktor: mergeWith.
func (p Properties) With(over Properties) Properties { return Properties{merged(p.tree, over.tree)} }

func merged(under, over map[string]any) map[string]any {
	tree := make(map[string]any, len(under)+len(over))
	maps.Copy(tree, under)
	for name, value := range over {
		branch, isBranch := value.(map[string]any)
		below, isBelow := tree[name].(map[string]any)
		if isBranch && isBelow {
			value = merged(below, branch)
		}
		tree[name] = value
	}
	return tree
}
