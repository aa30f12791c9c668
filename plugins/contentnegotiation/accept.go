package contentnegotiation

import (
	"cmp"
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mediatype"
)

// preference is what an Accept header says about one media type.
type preference struct {
	quality   float64
	precision int
	position  int
}

// compare orders preferences, what a client likes best first.
func (p preference) compare(other preference) int {
	return cmp.Or(
		cmp.Compare(other.quality, p.quality),
		cmp.Compare(other.precision, p.precision),
		cmp.Compare(p.position, other.position),
	)
}

// prefer returns what the value of an Accept header says about a media type,
// and whether it accepts it: RFC 9110 section 12.5.1. The most precise range
// counts; of equally precise ones, which a client has no reason to send, the
// one with the greatest q-value. Nothing accepts everything. The header is read
// anew for each type: it is short, and there are few types.
func prefer(accept string, offered mediatype.Type) (found preference, accepted bool, err error) {
	ranges := 0
	for candidate, err := range mediatype.Ranges(accept) {
		if err != nil {
			return preference{}, false, &app.Error{Status: http.StatusBadRequest, Message: "the Accept header cannot be read", Err: err}
		}
		said := preference{candidate.Quality, candidate.Precision(), ranges}
		ranges++
		if !candidate.Contains(offered) || accepted && said.precision < found.precision {
			continue
		}
		if !accepted || said.precision > found.precision || said.quality > found.quality {
			found, accepted = said, true
		}
	}
	if ranges == 0 {
		return preference{quality: 1}, true, nil
	}
	return found, found.quality > 0, nil
}
