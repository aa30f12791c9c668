package contentnegotiation

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config says what an installation of [Plugin] converts, and how. It is read
// when the plugin is installed; later changes have no effect. Start returns the
// mistakes in it, with the line of the installation.
//
// Ktor: ContentNegotiationConfig.
type Config struct {
	// CheckAcceptHeaderCompliance responds with 406 if a converted response has
	// a Content-Type, because the handler has set it, that does not suit the
	// request's Accept. False by default.
	//
	// Ktor: checkAcceptHeaderCompliance.
	CheckAcceptHeaderCompliance bool

	registrations []registration
	contributors  []AcceptHeaderContributor
	ignored       []reflect.Type
	mistakes      mistakes.List
}

// An AcceptHeaderContributor decides what a call accepts. It is given the value
// of the Accept header, "" if there is none, or what the contributor before it
// returned, and returns the value that counts: the same one, or for example
// "text/html" if the query asks for it; "" accepts everything. It runs for
// calls of several goroutines at once.
//
// Ktor: AcceptHeaderContributor.
type AcceptHeaderContributor func(c *app.Call, accept string) string

// A registration is one converter with the type that it is for.
type registration struct {
	mediaType  httpheader.MediaType
	parameters map[string]string // those that were registered
	header     string            // the value of Content-Type in responses, "" for a range
	converter  Converter
}

// Register adds a converter for a media type, such as "application/xml".
// Parameters, as in "text/csv; header=present", are sent, and looked at where a
// client names them in Accept; text without a charset is sent with the charset
// UTF-8. A range of types, such
// as "text/*", is for requests only, since no response could have it.
// Converters are asked in the order of registration; one type may have several.
// A type that cannot be read and a nil converter are mistakes.
//
// Ktor: register.
func (c *Config) Register(contentType string, converter Converter) {
	parsed, parameters, err := httpheader.ParseContentType(contentType)
	made, isJSON := converter.(jsonConverter)
	switch {
	case err != nil:
		c.mistakes.Add(fmt.Errorf("register %q: %w", contentType, err))
		return
	case converter == nil:
		c.mistakes.Add(fmt.Errorf("register %q: the converter is nil", contentType))
		return
	case isJSON && made.wrong != nil:
		c.mistakes.Add(fmt.Errorf("register %q: JSON: %w", contentType, made.wrong))
		return
	}
	added := registration{mediaType: parsed, parameters: parameters, converter: converter}
	if !parsed.IsRange() {
		added.header = contentType
		if parsed.Type == "text" && parameters["charset"] == "" {
			added.header = strings.TrimRight(contentType, "; ") + "; charset=UTF-8"
		}
	}
	c.registrations = append(c.registrations, added)
}

// JSON registers the converter that [JSON] returns for application/json. A nil
// function is a mistake.
//
// Ktor: json.
func (c *Config) JSON(configure ...func(*JSONConfig)) {
	c.Register("application/json", JSON(configure...))
}

// Accept adds a contributor, which is asked what a call accepts after those
// that were added before. Nil is a mistake.
//
// Ktor: accept.
func (c *Config) Accept(contributor AcceptHeaderContributor) {
	if contributor == nil {
		c.mistakes.Add(errors.New("the accept contributor is nil"))
		return
	}
	c.contributors = append(c.contributors, contributor)
}

// IgnoreType leaves values of a type alone, as in
// IgnoreType(reflect.TypeFor[Page]()), or for an interface those that implement
// it; what is received as exactly that type is left alone, too: for other
// plugins, or the application itself. Nil is a mistake.
//
// Ktor: ignoreType.
func (c *Config) IgnoreType(ignored reflect.Type) {
	if ignored == nil {
		c.mistakes.Add(errors.New("the ignored type is nil"))
		return
	}
	c.ignored = append(c.ignored, ignored)
}

// RemoveIgnoredType removes a type from those that are ignored, which are
// string and []byte unless more were added. Once string is removed, all text
// that is responded with or received is converted if there is a converter that
// suits, the texts of errors included; otherwise it remains as it is.
//
// Ktor: removeIgnoredType.
func (c *Config) RemoveIgnoredType(ignored reflect.Type) {
	c.ignored = slices.DeleteFunc(c.ignored, func(known reflect.Type) bool { return known == ignored })
}

// ClearIgnoredTypes removes all types from those that are ignored: see
// [Config.RemoveIgnoredType].
//
// Ktor: clearIgnoredTypes.
func (c *Config) ClearIgnoredTypes() { c.ignored = nil }

func defaultConfig() Config {
	return Config{ignored: []reflect.Type{reflect.TypeFor[string](), reflect.TypeFor[[]byte]()}}
}
