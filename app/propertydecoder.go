package app

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// propertyDecoder fills values with properties, by the rules of
// [Properties.Decode]. It never changes what a value that it was given points
// to: pointers and maps are replaced by copies.
type propertyDecoder struct {
	strict bool
	wrong  []error
}

func (p Properties) decode(path string, target any, strict bool) error {
	whole := joinPath(p.path, path)
	into := reflect.ValueOf(target)
	if into.Kind() != reflect.Pointer || into.IsNil() {
		return fmt.Errorf("decode properties %s: the target is a %T and no pointer to fill", whole, target)
	}
	found, _ := p.root.at(path)
	if found.value == nil {
		found.site = p.root.around(path)
	}
	filled := reflect.New(into.Type().Elem()).Elem()
	filled.Set(into.Elem())
	d := &propertyDecoder{strict: strict}
	d.decode(found, whole, filled)
	if len(d.wrong) > 0 {
		return errors.Join(d.wrong...)
	}
	into.Elem().Set(filled)
	return nil
}

var errMissing = errors.New("it is required, and missing")

// wrongProperty returns an error of the property at path, with the place that it
// was written at, if that is known.
func wrongProperty(site Site, path string, err error) error {
	if path != "" {
		err = fmt.Errorf("%s: %w", path, err)
	}
	if site != (Site{}) {
		err = fmt.Errorf("%s: %w", site, err)
	}
	return err
}

// fail notes an error of the property at path, which is at site.
func (d *propertyDecoder) fail(site Site, path string, err error) {
	d.wrong = append(d.wrong, wrongProperty(site, path, err))
}

// decode fills into, which can be set, with p, which stands at path.
func (d *propertyDecoder) decode(p property, path string, into reflect.Value) {
	kind := into.Kind()
	reader, isText := reflect.TypeAssert[encoding.TextUnmarshaler](into.Addr())
	switch text, scalar := p.text(); {
	case p.value == nil && kind == reflect.Struct && !isText:
		d.branch(p, path, into) // which may have required fields
	case p.value == nil:
	case reflect.TypeOf(p.value) == into.Type(): // from code: a time.Duration
		into.Set(reflect.ValueOf(p.value))
	case kind == reflect.Pointer:
		d.pointer(p, path, into)
	case scalar && isText:
		if err := reader.UnmarshalText([]byte(text)); err != nil {
			d.fail(p.site, path, &misreadError{misread(path, text, "no "+into.Type().String()), err})
		}
	case kind == reflect.Struct:
		d.branch(p, path, into)
	case kind == reflect.Map:
		d.mapping(p, path, into)
	case kind == reflect.Slice || kind == reflect.Array:
		d.list(p, path, into)
	case kind == reflect.Interface && into.NumMethod() == 0:
		into.Set(reflect.ValueOf(p.plain()))
	default:
		d.scalar(p, path, into)
	}
}

func (d *propertyDecoder) pointer(p property, path string, into reflect.Value) {
	pointer := reflect.New(into.Type().Elem())
	if !into.IsNil() {
		pointer.Elem().Set(into.Elem())
	}
	d.decode(p, path, pointer.Elem())
	into.Set(pointer)
}

func (d *propertyDecoder) mapping(p property, path string, into reflect.Value) {
	branch, ok := p.value.(map[string]property)
	if !ok {
		d.fail(p.site, path, fmt.Errorf("it is %s, and a branch is wanted", p.kind()))
		return
	}
	if into.Type().Key().Kind() != reflect.String {
		d.fail(p.site, path, fmt.Errorf("a %s cannot be read from properties: its keys are no texts", into.Type()))
		return
	}
	filled := reflect.MakeMapWithSize(into.Type(), len(branch))
	for key, element := range into.Seq2() {
		filled.SetMapIndex(key, element)
	}
	for _, name := range slices.Sorted(maps.Keys(branch)) {
		key := reflect.ValueOf(name).Convert(into.Type().Key())
		element := reflect.New(into.Type().Elem()).Elem()
		if known := filled.MapIndex(key); known.IsValid() {
			element.Set(known)
		}
		d.decode(branch[name], joinPath(path, name), element)
		filled.SetMapIndex(key, element)
	}
	into.Set(filled)
}

func (d *propertyDecoder) list(p property, path string, into reflect.Value) {
	items, ok := p.items()
	switch _, isBranch := p.value.(map[string]property); {
	case !ok && isBranch:
		d.fail(p.site, path, errors.New("it is a branch, and a list is wanted: the names of its items are 0, 1, 2 and so on"))
		return
	case !ok:
		d.fail(p.site, path, fmt.Errorf("it is %s, and a list is wanted", p.kind()))
		return
	case into.Kind() == reflect.Slice:
		into.Set(reflect.MakeSlice(into.Type(), len(items), len(items)))
	case into.Len() != len(items):
		d.fail(p.site, path, fmt.Errorf("it has %d items, and %d are wanted", len(items), into.Len()))
		return
	}
	for i, item := range items {
		d.decode(item, joinPath(path, strconv.Itoa(i)), into.Index(i))
	}
}

// branch fills a struct. A property that is nil has no fields.
func (d *propertyDecoder) branch(p property, path string, into reflect.Value) {
	branch, ok := p.value.(map[string]property)
	if !ok && p.value != nil {
		d.fail(p.site, path, fmt.Errorf("it is %s, and a branch is wanted", p.kind()))
		return
	}
	fields := propertyFields(into.Type())
	unknown := make(map[string]property, len(branch))
	maps.Copy(unknown, branch)
	for _, field := range fields {
		var found property
		var given string // its name in the tree
		for _, name := range slices.Sorted(maps.Keys(branch)) {
			if !field.answersTo(name) {
				continue
			}
			delete(unknown, name)
			if given != "" {
				d.fail(branch[name].site, joinPath(path, name), fmt.Errorf("the same as %s%s", given, at(found.site)))
				continue
			}
			given, found = name, branch[name]
		}
		d.field(p, found, path, given, field, into)
	}
	if !d.strict {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		d.fail(unknown[name].site, joinPath(path, name), unknownName(name, fields))
	}
}

// field fills one field of a struct with what p, at path, has for it: found,
// under the name given, which is empty if p has nothing.
func (d *propertyDecoder) field(p, found property, path, given string, field propertyField, into reflect.Value) {
	if given == "" {
		given = field.name
	}
	path = joinPath(path, given)
	if found.value == nil {
		found.site = cmp.Or(found.site, p.site) // of what lacks it
	}
	if found.value == nil && field.required {
		d.fail(found.site, path, errMissing)
		return
	}
	if found.value == nil && field.kind != reflect.Struct {
		return
	}
	switch target := field.in(into, found.value != nil); {
	case target.IsValid():
		d.decode(found, path, target)
	case found.value != nil:
		d.fail(found.site, path, errors.New("it cannot be read from properties: its field is of an unexported type that is embedded by a pointer"))
	}
}

// at returns " at " and the site, or nothing if it is not known.
func at(site Site) string {
	if site == (Site{}) {
		return ""
	}
	return " at " + site.String()
}

func (d *propertyDecoder) scalar(p property, path string, into reflect.Value) {
	text, ok := p.text()
	wanted := wantedKind(into.Type())
	switch {
	case wanted == "":
		d.fail(p.site, path, fmt.Errorf("a %s cannot be read from properties", into.Type()))
		return
	case !ok:
		d.fail(p.site, path, fmt.Errorf("it is %s, and %s is wanted", p.kind(), wanted))
		return
	}
	var err error
	switch kind := into.Kind(); {
	case into.Type() == reflect.TypeFor[time.Duration]():
		var duration time.Duration
		duration, err = parseDuration(text)
		into.SetInt(int64(duration))
	case kind == reflect.String:
		into.SetString(text)
	case kind == reflect.Bool:
		var yes bool
		yes, err = parseBoolean(text)
		into.SetBool(yes)
	case into.CanInt():
		var whole int64
		if whole, err = parseInteger(text); err == nil && into.OverflowInt(whole) {
			err = strconv.ErrRange
		}
		into.SetInt(whole)
	case into.CanUint():
		var whole uint64
		if whole, err = parseUnsigned(text); err == nil && into.OverflowUint(whole) {
			err = strconv.ErrRange
		}
		into.SetUint(whole)
	default:
		var number float64
		if number, err = strconv.ParseFloat(text, 64); err == nil && into.OverflowFloat(number) {
			err = strconv.ErrRange
		}
		into.SetFloat(number)
	}
	switch {
	case errors.Is(err, strconv.ErrRange):
		d.fail(p.site, path, misread(path, text, "too large or too small for "+wanted+", a "+into.Type().String()))
	case err != nil:
		d.fail(p.site, path, misread(path, text, "no "+strings.SplitN(wanted, " ", 2)[1]))
	}
}

// wantedKind says what a type takes, with its article, or nothing if it is no
// text, number or boolean.
func wantedKind(kind reflect.Type) string {
	switch {
	case kind == reflect.TypeFor[time.Duration]():
		return "a duration"
	case kind.Kind() == reflect.String:
		return "a text"
	case kind.Kind() == reflect.Bool:
		return "a boolean"
	case kind.Kind() >= reflect.Int && kind.Kind() <= reflect.Uint64:
		return "a whole number"
	case kind.Kind() == reflect.Float32 || kind.Kind() == reflect.Float64:
		return "a number"
	default:
		return ""
	}
}
