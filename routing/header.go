package routing

import (
	"slices"
	"strings"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// keptElements is how many elements of a header, or segments of a path, the next
// walk has room for.
const keptElements = 64

// headers is what the headers of a call say, each read once, however many
// conditions look at it.
type headers struct {
	lists []list

	acceptRead bool
	ranges     []httpheader.MediaRange
	unreadable error // of Accept
}

// A list is a header whose value is one.
type list struct {
	name     string
	elements []element
}

type element struct {
	value  string
	weight float64
}

// list returns the elements of a header, whose name is in canonical form.
func (w *walk) list(name string) []element {
	h := &w.headers
	for i := range h.lists {
		if h.lists[i].name == name {
			return h.lists[i].elements
		}
	}
	h.lists = slices.Grow(h.lists, 1)[:len(h.lists)+1]
	added := &h.lists[len(h.lists)-1]
	added.name = name
	for found := range httpheader.Elements(w.call.Request.Header[name]) {
		value, parameters := httpheader.CutParameters(found)
		added.elements = append(added.elements, element{value, httpheader.Weight(parameters)})
	}
	return added.elements
}

// accepted returns the ranges of the Accept header, or why it cannot be read.
func (w *walk) accepted() ([]httpheader.MediaRange, error) {
	h := &w.headers
	if h.acceptRead {
		return h.ranges, h.unreadable
	}
	h.acceptRead = true
	for found, err := range httpheader.MediaRanges(strings.Join(w.call.Request.Header["Accept"], ",")) {
		h.ranges, h.unreadable = append(h.ranges, found), err
	}
	return h.ranges, h.unreadable
}

// reset forgets the call, and keeps room for headers of an ordinary length.
func (h *headers) reset() {
	for i := range h.lists {
		h.lists[i] = list{elements: emptied(h.lists[i].elements)}
	}
	*h = headers{lists: h.lists[:0], ranges: emptied(h.ranges)}
}

func emptied[T any](used []T) []T {
	if cap(used) > keptElements {
		return nil
	}
	clear(used)
	return used[:0]
}
