package sessions

import (
	"fmt"

	"github.com/chitor-go/chitor/app"
)

// typed is a slot with its value.
type typed[T any] struct {
	slot

	value   T
	decoded bool
}

// valueOf returns the value of a session, and whether there is one. What was
// loaded and cannot be a value is none.
func (h *Handle[T]) valueOf(c *app.Call, s *typed[T]) (T, bool) {
	if s.found() && !s.decoded {
		value, err := h.options.Serializer.Deserialize(s.payload)
		if err != nil {
			s.provider.refuse(c, fmt.Errorf("deserialize: %w", err))
			s.lose(absent)
			s.does = keep
		} else {
			s.value, s.decoded, s.owner = value, true, h.ownerOf(value)
		}
	}
	if !s.found() {
		var none T
		return none, false
	}
	return s.value, true
}

func (s *typed[T]) forget(c *app.Call) {
	s.clear(c)
	var none T
	s.value, s.decoded = none, false
}

func (h *Handle[T]) ownerOf(value T) string {
	if h.options.Owner == nil {
		return ""
	}
	return h.options.Owner(value)
}
