package csrf

import (
	"strings"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// originOf returns the origin of the page that a Referer names.
func originOf(referer string) (httpheader.Origin, bool) {
	scheme, rest, _ := strings.Cut(referer, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return httpheader.ParseOrigin(scheme + "://" + rest)
}
