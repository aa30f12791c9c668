package app

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Located is a value of the tree that [NewProperties] takes, and where it was
// written. A file's reader makes it, so that errors name file, line and column.
type Located struct {
	// Value is what NewProperties takes in its place.
	Value any
	// Site is where it was written.
	Site Site
}

// property is a node of the tree. Its value is a branch, map[string]property; a
// list, []property; nil; or a text, number, boolean or something foreign. It is
// never changed.
type property struct {
	value any
	site  Site // zero if it is not known
}

// newProperty copies what [NewProperties] is given.
func newProperty(value any) property {
	var site Site
	for {
		located, ok := value.(Located)
		if !ok {
			break
		}
		value, site = located.Value, located.Site
	}
	switch from := reflect.ValueOf(value); {
	case from.Kind() == reflect.Map && from.Type().Key().Kind() == reflect.String:
		branch := make(map[string]property, from.Len())
		for name, child := range from.Seq2() {
			branch[name.String()] = newProperty(child.Interface())
		}
		return property{branch, site}
	case from.Kind() == reflect.Slice || from.Kind() == reflect.Array:
		list := make([]property, from.Len())
		for i := range list {
			list[i] = newProperty(from.Index(i).Interface())
		}
		return property{list, site}
	}
	return property{value, site}
}

// at returns what is at path below p, and whether anything is.
func (p property) at(path string) (property, bool) {
	if path == "" {
		return p, p.value != nil
	}
	for name := range strings.SplitSeq(path, ".") {
		var ok bool
		if p, ok = p.child(name); !ok {
			return property{}, false
		}
	}
	return p, true
}

// around returns where what is around path was written: the nearest branch or
// list that is there and whose place is known.
func (p property) around(path string) Site {
	site := p.site
	for name := range strings.SplitSeq(path, ".") {
		var ok bool
		if p, ok = p.child(name); !ok {
			break
		}
		site = cmp.Or(p.site, site)
	}
	return site
}

// child returns the part of a branch or a list that has that name.
func (p property) child(name string) (property, bool) {
	switch value := p.value.(type) {
	case map[string]property:
		child, ok := value[name]
		return child, ok
	case []property:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(value) {
			return value[i], true
		}
	}
	return property{}, false
}

// items returns the items of a list, and of a branch whose names are those of a
// list: 0, 1, 2 and so on, with or without the size.
func (p property) items() ([]property, bool) {
	branch, ok := p.value.(map[string]property)
	if !ok {
		list, ok := p.value.([]property)
		return list, ok
	}
	count := len(branch)
	if size, sized := branch["size"].text(); sized {
		if count--; size != strconv.Itoa(count) {
			return nil, false
		}
	} else if count == 0 {
		return nil, false
	}
	list := make([]property, count)
	for i := range list {
		if list[i], ok = branch[strconv.Itoa(i)]; !ok {
			return nil, false
		}
	}
	return list, true
}

// leaves visits the paths of what is neither a branch nor nil, in order.
func (p property) leaves(path string, visit func(string)) {
	branch, ok := p.value.(map[string]property)
	if items, isList := p.items(); isList && len(items) > 0 {
		ok = false
	}
	switch {
	case ok:
		for _, name := range slices.Sorted(maps.Keys(branch)) {
			branch[name].leaves(joinPath(path, name), visit)
		}
	case p.value != nil:
		visit(path)
	}
}

// plain returns the value as NewProperties took it, but for Located, and with
// numbers in place of json.Number.
func (p property) plain() any {
	switch value := p.value.(type) {
	case map[string]property:
		if items, ok := p.items(); ok && len(items) > 0 {
			return property{value: items}.plain()
		}
		branch := make(map[string]any, len(value))
		for name, child := range value {
			branch[name] = child.plain()
		}
		return branch
	case []property:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = item.plain()
		}
		return list
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return whole
		}
		if number, err := value.Float64(); err == nil {
			return number
		}
		return value.String()
	default:
		return value
	}
}

// text returns a text, a number or a boolean as text, and whether it is one.
func (p property) text() (string, bool) {
	if duration, ok := p.value.(time.Duration); ok {
		return duration.String(), true
	}
	switch value := reflect.ValueOf(p.value); value.Kind() {
	case reflect.String:
		return value.String(), true
	case reflect.Bool:
		return strconv.FormatBool(value.Bool()), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(value.Int(), 10), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(value.Uint(), 10), true
	case reflect.Float32, reflect.Float64: // what encoding/json makes of any number
		return strconv.FormatFloat(value.Float(), 'f', -1, value.Type().Bits()), true
	default:
		return "", false
	}
}

// kind says what p is, for errors, which must not show its value.
func (p property) kind() string {
	switch p.value.(type) {
	case map[string]property:
		return "a branch"
	case []property:
		return "a list"
	}
	switch kind := reflect.ValueOf(p.value).Kind(); {
	case kind == reflect.String && reflect.TypeOf(p.value) != reflect.TypeFor[json.Number]():
		return "a text"
	case kind == reflect.Bool:
		return "a boolean"
	case kind == reflect.String, kind >= reflect.Int && kind <= reflect.Float64:
		return "a number"
	default:
		return fmt.Sprintf("a %T", p.value)
	}
}
