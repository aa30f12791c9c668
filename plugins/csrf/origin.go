package csrf

import (
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// isOwn reports whether a page is of the application that was called. Behind a
// proxy that is not trusted the application takes https for http, so a page of
// https is its own as well. A page of http is none of an application that is
// called by https: whoever is on the network could have made it.
func isOwn(own app.Origin, from httpheader.Origin) bool {
	if from.Host != own.Host || own.Host == "" {
		return false
	}
	switch from.Scheme {
	case own.Scheme:
		return from.Port == own.Port
	case "https":
		return from.Port == own.Port || from.Port == 443 && own.Port == 80
	default:
		return false
	}
}

// originOf returns the origin of the page that a Referer names.
func originOf(referer string) (httpheader.Origin, bool) {
	scheme, rest, _ := strings.Cut(referer, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return httpheader.ParseOrigin(scheme + "://" + rest)
}
