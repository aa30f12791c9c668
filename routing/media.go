package routing

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// media is a media type that a route asks for, or a range of them, with its
// parameters.
type media struct {
	httpheader.MediaType
	parameters map[string]string
}

// Accept returns the part of r for calls that accept one of several media
// types: "text/html", "image/*", "application/soap+xml; action=run". Of the
// ranges in the Accept header the most precise one that fits a type counts, and
// its q-value says how good the match is; 0 is none. A parameter of a range
// counts where the type has it: with another value the type does not fit. A
// call without the header accepts everything, but any route that does not ask
// is a better choice for it. A call that lacks only this is answered with 406,
// and with 400 if its header cannot be read. A type that cannot be read, or
// none, is a mistake.
//
// Ktor: accept.
func (r *Route) Accept(types ...string) *Route {
	wanted, err := parseMedia(types)
	return r.where(r.caller(), asking("accept "+strings.Join(types, ", "), "Accept", http.StatusNotAcceptable, func(w *walk) (float64, *app.Error) {
		ranges, err := w.accepted()
		if err != nil {
			return 0, unreadable("Accept header", err)
		}
		return accepts(ranges, wanted), nil
	}), err)
}

// ContentType returns the part of r for calls whose body has one of several
// media types: "application/json", "text/*", "application/soap+xml;
// action=run", which asks for the parameter. A call that lacks only this is
// answered with 415, and with 400 if its Content-Type cannot be read. A type
// that cannot be read, or none, is a mistake.
//
// Ktor: contentType.
func (r *Route) ContentType(types ...string) *Route {
	wanted, err := parseMedia(types)
	return r.where(r.caller(), asking("content type "+strings.Join(types, ", "), "Content-Type", http.StatusUnsupportedMediaType, func(w *walk) (float64, *app.Error) {
		header := w.call.Request.Header.Get("Content-Type")
		if header == "" {
			return 0, nil
		}
		sent, parameters, err := httpheader.ParseContentType(header)
		if err != nil {
			return 0, unreadable("Content-Type", fmt.Errorf("content type %q: %w", header, err))
		}
		return holds(slices.ContainsFunc(wanted, func(want media) bool {
			return want.Contains(sent) && httpheader.HaveParameters(parameters, want.parameters)
		}))
	}), err)
}

func parseMedia(types []string) ([]media, error) {
	if len(types) == 0 {
		return nil, errors.New("no media type is named")
	}
	parsed := make([]media, len(types))
	for i, text := range types {
		read, parameters, err := httpheader.ParseContentType(text)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		parsed[i] = media{read, parameters}
	}
	return parsed, nil
}

// unreadable returns the error of a call of which something cannot be read.
func unreadable(what string, err error) *app.Error {
	return &app.Error{Status: http.StatusBadRequest, Message: "the " + what + " cannot be read", Err: err}
}

// accepts returns how well the best of the wanted types is accepted.
func accepts(ranges []httpheader.MediaRange, wanted []media) float64 {
	if len(ranges) == 0 {
		return qualityMissing
	}
	best := 0.0
	for _, want := range wanted {
		quality, precision := 0.0, -1
		for _, candidate := range ranges {
			fits := candidate.Names(want.MediaType, want.parameters)
			if fits >= 0 && (fits > precision || fits == precision && candidate.Weight > quality) {
				quality, precision = candidate.Weight, fits
			}
		}
		best = max(best, quality)
	}
	return best
}
