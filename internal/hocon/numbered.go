package hocon

import (
	"slices"
	"strconv"
)

// numbered returns an object whose keys are numbers as an array, in the order
// of the numbers, where an array is expected. Other keys are ignored; without
// any number it is none.
func numbered(o *object) (*array, bool) {
	var keys []int
	fields := map[int]node{}
	for _, key := range o.keys {
		field, ok := o.fields[key]
		i, err := strconv.ParseInt(key, 10, 32)
		if !ok || err != nil || i < 0 {
			continue
		}
		if _, twice := fields[int(i)]; !twice {
			keys = append(keys, int(i))
		}
		fields[int(i)] = field
	}
	if len(keys) == 0 {
		return nil, false
	}
	slices.Sort(keys)
	list := &array{site: o.site}
	for _, key := range keys {
		list.elements = append(list.elements, fields[key])
	}
	return list, true
}
