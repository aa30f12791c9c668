package contentnegotiation

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/app"
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

// prefer returns what the value of an Accept header says about a media type, and whether it accepts it: RFC 9110
// section 12.5.1. The most precise range counts; of equally precise ones, which a client has no reason to send, the one
// with the greatest q-value. Nothing accepts everything. The header is read anew for each type: it is short, and there
// are few types.
func prefer(accept string, offered mediaType) (found preference, accepted bool, err error) {
	ranges := 0
	for rest := accept; rest != ""; {
		var entry string
		entry, rest = cutUnquoted(rest, ',')
		name, parameters := cutUnquoted(entry, ';')
		if name = trim(name); name == "" && trim(parameters) == "" {
			continue // RFC 9110 section 5.6.1.2: empty elements are ignored
		}
		candidate, ok := parseRange(name)
		if !ok {
			return preference{}, false, &app.Error{
				Status: http.StatusBadRequest, Message: "the Accept header cannot be read", Err: fmt.Errorf("accept %q: %w", accept, errNoMediaType),
			}
		}
		said := preference{weight(parameters), candidate.precision(), ranges}
		ranges++
		if !candidate.contains(offered) || accepted && said.precision < found.precision {
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

// parseRange reads a media range. Old clients send * alone.
func parseRange(text string) (mediaType, bool) {
	if text == "*" {
		return mediaType{"*", "*"}, true
	}
	return parseMediaType(text)
}

// weight returns the q-value among the parameters of a range, 1 if there is none that can be read.
func weight(parameters string) float64 {
	for parameters != "" {
		var parameter string
		parameter, parameters = cutUnquoted(parameters, ';')
		name, value, _ := strings.Cut(parameter, "=")
		if !strings.EqualFold(trim(name), "q") {
			continue
		}
		if q, err := strconv.ParseFloat(trim(value), 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
		return 1
	}
	return 1
}

// cutUnquoted cuts text at the first separator that stands outside of a quoted string (RFC 9110 section 5.6.4). Without
// one all of it is before.
func cutUnquoted(text string, separator byte) (before, after string) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == separator && !quoted:
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}

// trim removes the white space that RFC 9110 section 5.6.3 allows around elements.
func trim(text string) string { return strings.Trim(text, " \t") }
