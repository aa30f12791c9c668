package contentnegotiation

import (
	"cmp"
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// A preference is what an Accept header says about one media type.
type preference struct {
	weight    float64
	precision int // of the range that contains the type
	position  int // of that range in the header
}

// compare orders preferences, the greatest first.
func (p preference) compare(other preference) int {
	return cmp.Or(
		cmp.Compare(other.weight, p.weight),
		cmp.Compare(other.precision, p.precision),
		cmp.Compare(p.position, other.position),
	)
}

// prefer returns what the value of an Accept header says about a media type with
// parameters, and whether it accepts the type (RFC 9110 section 12.5.1). The
// most precise range counts; of equally precise ones, which a client has no
// reason to send, the one with the greatest weight. An empty value accepts
// everything. The header is read anew for each type: it is short, and there are
// few types.
func prefer(accept string, offered httpheader.MediaType, parameters map[string]string) (
	found preference, accepted bool, err error,
) {
	ranges := 0
	for candidate, err := range httpheader.MediaRanges(accept) {
		if err != nil {
			return preference{}, false, &app.Error{Status: http.StatusBadRequest, Message: "the Accept header cannot be read", Err: err}
		}
		said := preference{candidate.Weight, candidate.Names(offered, parameters), ranges}
		ranges++
		if said.precision < 0 || accepted && said.precision < found.precision {
			continue
		}
		if !accepted || said.precision > found.precision || said.weight > found.weight {
			found, accepted = said, true
		}
	}
	if ranges == 0 {
		return preference{weight: 1}, true, nil
	}
	return found, found.weight > 0, nil
}
