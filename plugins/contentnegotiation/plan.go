package contentnegotiation

import (
	"reflect"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// plan is a configuration that is ready for use. It is never changed.
type plan struct {
	registrations []registration
	contributors  []AcceptHeaderContributor
	ignored       []reflect.Type
	check         bool
	varies        bool // responses may have one of several types
}

// ignores reports whether values of a type are left alone, which may be nil for
// an untyped nil.
func (p *plan) ignores(kind reflect.Type) bool {
	if kind == nil {
		return false
	}
	for _, ignored := range p.ignored {
		if kind == ignored || ignored.Kind() == reflect.Interface && kind.Implements(ignored) {
			return true
		}
	}
	return false
}

// accept returns the value of the Accept header that counts for a call.
func (p *plan) accept(c *app.Call) string {
	accept := strings.Join(c.Request.Header["Accept"], ", ")
	for _, contribute := range p.contributors {
		accept = contribute(c, accept)
	}
	return accept
}

// candidate is a registration that a client accepts, with how much it likes it.
type candidate struct {
	*registration
	preference
}

// candidates returns the registrations that a client accepts, the one that it
// likes best first.
func (p *plan) candidates(accept string) ([]candidate, error) {
	found := make([]candidate, 0, len(p.registrations))
	for i := range p.registrations {
		offered := &p.registrations[i]
		if offered.mediaType.IsRange() {
			continue
		}
		said, accepted, err := prefer(accept, offered.mediaType)
		if err != nil {
			return nil, err
		}
		if accepted {
			found = append(found, candidate{offered, said})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.compare(b.preference) })
	return found, nil
}
