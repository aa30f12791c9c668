package contentnegotiation

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mediatype"
)

// Config says what an installation of [Plugin] converts, and how. It is read
// when the plugin is installed; later changes have no effect. A mistake in it
// is returned by Start.
// Ktor: ContentNegotiationConfig.
type Config struct {
	// CheckAcceptHeaderCompliance answers with 406 if the Content-Type that a
	// converted response ends up with, because the handler has set it, does not
	// suit the request's Accept. False by default. Ktor's
	// checkAcceptHeaderCompliance.
	CheckAcceptHeaderCompliance bool

	registrations []registration
	contributors  []AcceptHeaderContributor
	ignored       []reflect.Type
	mistakes      []error
}

// An AcceptHeaderContributor says what a call accepts. It is given the Accept
// header, "" for none, or what the contributor before it returned, and returns
// a header's value in its place: the same one, or for example "text/html" if
// the query says so; "" accepts everything. It runs for calls of several
// goroutines at once.
// Ktor: AcceptHeaderContributor.
type AcceptHeaderContributor func(c *app.Call, accept string) string

// registration is one converter with the type that it is for.
type registration struct {
	mediaType mediatype.Type
	header    string // the value of Content-Type in responses, "" for a range
	converter Converter
}

// Register adds a converter for a media type, such as "application/xml".
// Parameters, as in "text/csv; header=present", are sent but not asked for;
// text without a charset is sent with the charset UTF-8. A type with "*" in
// place of its parts, such as "text/*", is for requests only, since no response
// could have it. The order of registration is that in which converters are
// asked; one type may have several. A type that cannot be read and a nil
// converter are mistakes.
// Ktor: register.
func (c *Config) Register(contentType string, converter Converter) {
	parsed, parameters, err := mediatype.ParseContentType(contentType)
	switch {
	case err != nil:
		c.mistake(fmt.Errorf("register %q: %w", contentType, err))
		return
	case converter == nil:
		c.mistake(fmt.Errorf("register %q: the converter is nil", contentType))
		return
	}
	added := registration{mediaType: parsed, converter: converter}
	if !parsed.IsRange() {
		added.header = contentType
		if parsed.Kind == "text" && parameters["charset"] == "" {
			added.header = strings.TrimRight(contentType, "; ") + "; charset=UTF-8"
		}
	}
	c.registrations = append(c.registrations, added)
}

// JSON registers the converter that [JSON] returns for application/json.
// Ktor: json.
func (c *Config) JSON(configure ...func(*JSONConfig)) {
	c.Register("application/json", JSON(configure...))
}

// Accept adds a contributor, which has a say in what a call accepts after those
// that were added before. Nil is a mistake.
// Ktor: accept.
func (c *Config) Accept(contributor AcceptHeaderContributor) {
	if contributor == nil {
		c.mistake(errors.New("the accept contributor is nil"))
		return
	}
	c.contributors = append(c.contributors, contributor)
}

// IgnoreType leaves values of a type alone, as in
// IgnoreType(reflect.TypeFor[Page]()), or for an interface those that implement
// it; what is received as exactly that type is left alone, too. Other plugins,
// or the application itself, deal with it. Nil is a mistake.
// Ktor: ignoreType.
func (c *Config) IgnoreType(ignored reflect.Type) {
	if ignored == nil {
		c.mistake(errors.New("the ignored type is nil"))
		return
	}
	c.ignored = append(c.ignored, ignored)
}

// RemoveIgnoredType takes a type back from those that are ignored, which are
// string and []byte unless more were added. Without string among them all text
// that somebody responds with or receives is converted if a converter suits,
// the texts of errors included; otherwise it remains as it is.
// Ktor: removeIgnoredType.
func (c *Config) RemoveIgnoredType(ignored reflect.Type) {
	c.ignored = slices.DeleteFunc(c.ignored, func(known reflect.Type) bool { return known == ignored })
}

// ClearIgnoredTypes takes all types back from those that are ignored: see
// [Config.RemoveIgnoredType].
// Ktor: clearIgnoredTypes.
func (c *Config) ClearIgnoredTypes() { c.ignored = nil }

func (c *Config) mistake(err error) { c.mistakes = append(c.mistakes, err) }

func defaultConfig() Config {
	return Config{ignored: []reflect.Type{reflect.TypeFor[string](), reflect.TypeFor[[]byte]()}}
}

// plan makes the configuration ready for use, or returns all that is wrong with
// it.
func (c *Config) plan() (*plan, error) {
	made := &plan{
		registrations: slices.Clone(c.registrations),
		contributors:  slices.Clone(c.contributors),
		ignored:       slices.Clone(c.ignored),
		check:         c.CheckAcceptHeaderCompliance,
	}
	offered := map[mediatype.Type]bool{}
	for _, known := range made.registrations {
		if !known.mediaType.IsRange() {
			offered[known.mediaType] = true
		}
	}
	made.varies = len(offered) > 1
	return made, errors.Join(c.mistakes...)
}
