package app

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// propertyField is a field of a struct that properties can fill.
type propertyField struct {
	name     string // as a file has it, in camel case or as the tag says
	exact    bool   // the name is the tag's
	required bool
	kind     reflect.Kind
	index    []int
}

// propertyFields returns the fields of a struct that properties can fill, those
// of embedded structs among them.
func propertyFields(of reflect.Type) []propertyField {
	var fields []propertyField
	var closed [][]int // embedded structs whose fields are not the outer one's
	for _, field := range reflect.VisibleFields(of) {
		tag := field.Tag.Get("property")
		name, options, _ := strings.Cut(tag, ",")
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		embedded := field.Anonymous && name == "" && inner.Kind() == reflect.Struct
		switch {
		case slices.ContainsFunc(closed, func(index []int) bool {
			return len(index) < len(field.Index) && slices.Equal(index, field.Index[:len(index)])
		}):
			continue
		case field.Anonymous && !embedded || tag == "-":
			closed = append(closed, field.Index)
		}
		if embedded || tag == "-" || !field.IsExported() || !fillable(field.Type) {
			continue
		}
		fields = append(fields, propertyField{
			name: cmp.Or(name, camelCase(field.Name)), exact: name != "", required: options == "required",
			kind: field.Type.Kind(), index: field.Index,
		})
	}
	return fields
}

// fillable reports whether properties may have something for a type. They have
// nothing for what nobody but its own package fills, such as a slog.Logger.
func fillable(of reflect.Type) bool {
	switch of.Kind() {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return false
	case reflect.Interface:
		return of.NumMethod() == 0
	case reflect.Pointer:
		return fillable(of.Elem())
	case reflect.Struct:
		open := of.NumField() == 0 || reflect.PointerTo(of).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
		for field := range of.Fields() {
			open = open || field.IsExported() || field.Anonymous
		}
		return open
	default:
		return true
	}
}

// answersTo reports whether a name in the properties is the field's.
func (f propertyField) answersTo(name string) bool {
	return name == f.name || !f.exact && foldName(name) == foldName(f.name)
}

// in returns the field in a struct, for which it puts a copy in the place of each
// embedded pointer that it passes. Where nothing is to be put there, or nothing
// can be since the type is unexported, the value is not valid.
func (f propertyField) in(whole reflect.Value, something bool) reflect.Value {
	for _, i := range f.index {
		if whole.Kind() == reflect.Pointer {
			if !whole.CanSet() || whole.IsNil() && !something {
				return reflect.Value{}
			}
			inner := reflect.New(whole.Type().Elem())
			if !whole.IsNil() {
				inner.Elem().Set(whole.Elem())
			}
			whole.Set(inner)
			whole = inner.Elem()
		}
		whole = whole.Field(i)
	}
	return whole
}

// foldName returns what the spellings of a name have in common.
func foldName(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
}

// camelCase returns the name that a file has for a field: maxSize for MaxSize,
// urlPath for URLPath.
func camelCase(field string) string {
	letters := []rune(field)
	for i, letter := range letters {
		if !unicode.IsUpper(letter) || i > 0 && i+1 < len(letters) && unicode.IsLower(letters[i+1]) {
			break
		}
		letters[i] = unicode.ToLower(letter)
	}
	return string(letters)
}

// unknownName returns the error of a name that none of the fields answers to.
func unknownName(name string, fields []propertyField) error {
	names := make([]string, len(fields))
	nearest, distance := "", max(2, len(name)/3)+1
	for i, field := range fields {
		names[i] = field.name
		if d := editDistance(foldName(name), foldName(field.name)); d < distance {
			nearest, distance = field.name, d
		}
	}
	slices.Sort(names)
	known := strings.Join(names, ", ")
	switch {
	case known == "":
		return errors.New("it is unknown, as any other would be")
	case nearest == "":
		return fmt.Errorf("it is unknown (known: %s)", known)
	default:
		return fmt.Errorf("it is unknown: is it %s? (known: %s)", nearest, known)
	}
}

// editDistance counts the letters to insert, to delete or to change between two
// names.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
