package app

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Properties is a tree of configuration: branches with names, lists, and values
// at the leaves. Paths are dotted, as in "database.pool.size"; an item of a list
// has its number, counted from 0, as in "users.0.name"; the empty path is the
// whole tree. The zero Properties is empty. It is never changed, so any
// goroutine may read it.
//
// A branch whose names are the numbers from 0 on, with or without a "size", is a
// list as well, so that a command line can write one: users.0.name=eve.
//
// Ktor: ApplicationConfig.
type Properties struct {
	root property
	path string // of root in the tree that At was called on, for errors
}

// NewProperties returns the properties of a tree: maps with text keys, slices,
// texts, numbers, booleans and nil, as encoding/json makes them, any of which
// may stand in a [Located]. It copies the tree. A [encoding/json.Number] keeps
// its spelling where it is read as text.
//
// Ktor: MapApplicationConfig.
func NewProperties(tree map[string]any) Properties {
	if tree == nil {
		return Properties{}
	}
	return Properties{root: newProperty(tree)}
}

// PropertiesAt returns properties that hold nothing but value, which is what
// [NewProperties] takes or a part of it, at path.
func PropertiesAt(path string, value any) Properties {
	root := newProperty(value)
	if path != "" {
		names := strings.Split(path, ".")
		for _, name := range slices.Backward(names) {
			root = property{value: map[string]property{name: root}}
		}
	}
	return Properties{root: root}
}

// Lookup returns what the tree holds at path, without any [Located], and whether
// it holds anything. Nil is something. Branches are map[string]any and lists
// []any, which the caller may change.
func (p Properties) Lookup(path string) (any, bool) {
	found, ok := p.root.at(path)
	return found.plain(), ok
}

// Text returns what the tree holds at path as text, and whether it is a text, a
// number or a boolean. A number of a file is as it was written there.
//
// Ktor: propertyOrNull, tryGetString.
func (p Properties) Text(path string) (string, bool) {
	found, _ := p.root.at(path)
	return found.text()
}

// At returns the part of the tree at path: empty if there is none. Its errors
// name the path from the whole tree's root on.
//
// Ktor: config.
func (p Properties) At(path string) Properties {
	found, ok := p.root.at(path)
	if !ok {
		found.site = p.root.around(path)
	}
	return Properties{root: found, path: joinPath(p.path, path)}
}

// List returns the items of the list at path. The path of an item that is no
// branch is empty: item.Text(""). It returns nil if there is no list.
//
// Ktor: configList.
func (p Properties) List(path string) []Properties {
	found, _ := p.root.at(path)
	items, ok := found.items()
	if !ok {
		return nil
	}
	list := make([]Properties, len(items))
	for i, item := range items {
		list[i] = Properties{root: item, path: joinPath(p.path, path, strconv.Itoa(i))}
	}
	return list
}

// Keys returns the paths of all leaves, sorted: of values other than nil and of
// lists, which are one leaf each.
//
// Ktor: keys.
func (p Properties) Keys() []string {
	var keys []string
	p.root.leaves("", func(path string) { keys = append(keys, path) })
	return keys
}

// Map returns the whole tree as [Properties.Lookup] does, which the caller may
// change. It is empty if the root is no branch.
//
// Ktor: toMap.
func (p Properties) Map() map[string]any {
	if tree, ok := p.root.plain().(map[string]any); ok {
		return tree
	}
	return map[string]any{}
}

// String returns the paths that Keys returns and none of the values, since some
// are secrets and what is printed ends in a log.
func (p Properties) String() string { return "properties " + strings.Join(p.Keys(), ", ") }

// Site returns where what the tree holds at path was written, as its [Located]
// said. It is zero if that is not known.
func (p Properties) Site(path string) Site {
	if found, ok := p.root.at(path); ok {
		return found.site
	}
	return Site{}
}

// With returns the properties with those of over laid over them: branches are
// joined, everything else is replaced, lists too. A nil of over replaces
// nothing.
//
// Ktor: mergeWith.
func (p Properties) With(over Properties) Properties {
	return Properties{root: p.root.with(over.root), path: p.path}
}

// Decode fills target, a pointer, with what the tree holds at path. What the
// properties do not mention keeps its value, and so does everything if there is
// an error. A path that the tree does not have is an empty branch, and nil is as
// if it were not there.
//
// A branch fills a struct, field by field, or a map with text keys, to whose
// elements it adds; a list fills a slice or an array of its length. Fields are
// found by name, whatever its case, - and _ ignored: MaxSize takes maxSize,
// max-size and MAX_SIZE. Those of embedded structs are found as if they were the
// struct's own. A tag changes the name, exactly, and can demand that the
// properties have it:
//
//	Address string `property:"url,required"`
//	Port    int    `property:",required"`
//	Clock   Source `property:"-"` // never filled
//
// A pointer that nothing is there for stays nil. Texts, numbers and booleans
// fill what they can be read as:
//
//   - texts: any of them, numbers as they were written
//   - booleans: true, yes and on, false, no and off, whatever their case
//   - integers and floats, if they fit; a whole number may have a size: 512k and
//     10 MiB count 1024, 10 kB and 10MB 1000
//   - [time.Duration]: 200ms, 10 seconds, 1h30m; without a unit it is
//     milliseconds
//   - whatever implements [encoding.TextUnmarshaler]
//   - any: what [Properties.Lookup] returns
//
// The error joins all that is wrong, each with the place where it was written
// and its key. It shows the value of a number, a boolean, a duration or a
// TextUnmarshaler that cannot be read, unless the key looks like that of a
// secret; never any other.
//
// Ktor: getAs.
func (p Properties) Decode(path string, target any) error { return p.decode(path, target, false) }

// DecodeStrict is [Properties.Decode], except that a name that no field of a
// struct answers to is an error, which says what names there are.
func (p Properties) DecodeStrict(path string, target any) error { return p.decode(path, target, true) }

// Property returns what p hold at path as a T, by the rules of
// [Properties.Decode]. That there is nothing, or nil, is an error.
//
// Ktor: property.
func Property[T any](p Properties, path string) (T, error) {
	var value, none T
	if found, _ := p.root.at(path); found.value == nil {
		return none, wrongProperty(p.root.around(path), joinPath(p.path, path), errMissing)
	}
	if err := p.Decode(path, &value); err != nil {
		return none, err
	}
	return value, nil
}

// joinPath joins paths by dots, leaving out empty ones.
func joinPath(paths ...string) string {
	return strings.Join(slices.DeleteFunc(paths, func(path string) bool { return path == "" }), ".")
}

// with returns p with over laid over it.
func (p property) with(over property) property {
	if over.value == nil && p.value != nil {
		return p
	}
	under, isUnder := p.value.(map[string]property)
	upper, isOver := over.value.(map[string]property)
	if !isUnder || !isOver {
		return over
	}
	both := make(map[string]property, len(under)+len(upper))
	maps.Copy(both, under)
	for name, value := range upper {
		both[name] = both[name].with(value)
	}
	if over.site == (Site{}) {
		over.site = p.site
	}
	return property{value: both, site: over.site}
}
