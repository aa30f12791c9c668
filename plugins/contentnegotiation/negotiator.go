package contentnegotiation

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// A negotiator is what runs where the plugin is installed. It never changes,
// and serves any number of calls at once.
type negotiator struct {
	registrations []registration
	contributors  []AcceptHeaderContributor
	ignored       []reflect.Type
	check         bool // the Content-Type of a converted response must suit Accept
	varies        bool // responses may have one of several types
}

// newNegotiator returns what config describes, or all mistakes in it.
func newNegotiator(config Config) (*negotiator, error) {
	made := &negotiator{
		registrations: slices.Clone(config.registrations),
		contributors:  slices.Clone(config.contributors),
		ignored:       slices.Clone(config.ignored),
		check:         config.CheckAcceptHeaderCompliance,
	}
	offered := map[httpheader.MediaType]bool{}
	for _, known := range made.registrations {
		if !known.mediaType.IsRange() {
			offered[known.mediaType] = true
		}
	}
	made.varies = len(offered) > 1
	if len(made.registrations) == 0 && config.mistakes.Err() == nil {
		config.mistakes.Add(errors.New("there is no converter: register one, for example with c.JSON()"))
	}
	return made, config.mistakes.Err()
}

// ignores reports whether values of a type are left alone. The type of an
// untyped nil is nil.
func (n *negotiator) ignores(kind reflect.Type) bool {
	if kind == nil {
		return false
	}
	for _, ignored := range n.ignored {
		if kind == ignored || ignored.Kind() == reflect.Interface && kind.Implements(ignored) {
			return true
		}
	}
	return false
}

// accept returns the value of the Accept header that counts for a call.
func (n *negotiator) accept(c *app.Call) string {
	accept := strings.Join(c.Request.Header["Accept"], ", ")
	for _, contribute := range n.contributors {
		accept = contribute(c, accept)
	}
	return accept
}

// A candidate is a registration that a client accepts, and how it does.
type candidate struct {
	*registration
	preference
}

// candidates returns the registrations that a client accepts, the preferred one
// first.
func (n *negotiator) candidates(accept string) ([]candidate, error) {
	found := make([]candidate, 0, len(n.registrations))
	for i := range n.registrations {
		offered := &n.registrations[i]
		if offered.mediaType.IsRange() {
			continue
		}
		said, accepted, err := prefer(accept, offered.mediaType, offered.parameters)
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

// others returns what a client accepts, and then all other registrations, for a
// response that is sent in any case.
func (n *negotiator) others(accepted []candidate) []candidate {
	for i := range n.registrations {
		other := &n.registrations[i]
		known := slices.ContainsFunc(accepted, func(c candidate) bool { return c.registration == other })
		if !known && !other.mediaType.IsRange() {
			accepted = append(accepted, candidate{registration: other})
		}
	}
	return accepted
}
