package csrf

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config says which calls an installation of [Plugin] lets in. It is read when
// the plugin is installed; later changes have no effect. The functions are called
// for concurrent calls at once. Start returns the mistakes in it, with the line of
// the installation.
//
// Ktor: CSRFConfig.
type Config struct {
	// RequireOrigin refuses calls that have neither Sec-Fetch-Site nor Origin. A
	// Referer will do in their place if it names an origin that is allowed. False
	// by default: programs send neither, and have no cookies of anybody else;
	// browsers of before 2020 may send neither.
	//
	// Ktor: always so, with allowOrigin and with originMatchesHost.
	RequireOrigin bool
	// SkipWhen lets in the calls for which it returns true, whoever has sent them.
	// Nil, the default, lets in none.
	SkipWhen func(c *app.Call) bool
	// OnFailure answers a refused call in its own way, or returns the error that
	// ends it. If it does neither the call ends with refused, which is answered
	// with 403, and so does every refused call if OnFailure is nil, the default.
	//
	// Ktor: onFailure.
	OnFailure func(c *app.Call, refused *RefusedError) error

	allowed  map[httpheader.Origin]bool
	demands  []*demand
	mistakes mistakes.List
}

// A demand is what a header has to be.
type demand struct {
	name           string // as a http.Header has it
	checks         []func(c *app.Call, value string) bool
	missing, wrong *RefusedError
}

// AllowOrigin lets in what pages of other origins send, besides those of the
// application itself: "https://shop.example.com", with a port if it is not the
// scheme's own. What is no origin is a mistake, and so is "null", which any page
// can be. To let pages read the responses is up to CORS.
//
// Ktor: allowOrigin, which shuts out the application's own origin unless it is
// given too.
func (c *Config) AllowOrigin(origins ...string) {
	for _, text := range origins {
		origin, ok := httpheader.ParseOrigin(text)
		if !ok {
			c.mistakes.Add(fmt.Errorf("allow origin %q: that is no origin: write a scheme, a host and perhaps a port, as in "+
				"https://example.com:8443", text))
			continue
		}
		if c.allowed == nil {
			c.allowed = map[httpheader.Origin]bool{}
		}
		c.allowed[origin] = true
	}
}

// CheckHeader refuses calls without a header, and those for which one of the
// checks returns false; a check gets the first value. A page of another origin
// cannot send a header of its own making unless CORS allows it, so that any value
// of X-Requested-With, for instance, is a proof. Compare secrets in constant time.
// Several calls for one header add up. What can be no name of a header, and a nil
// check, are mistakes.
//
// Ktor: checkHeader.
func (c *Config) CheckHeader(name string, checks ...func(c *app.Call, value string) bool) {
	if !httpheader.IsToken(name) {
		c.mistakes.Add(fmt.Errorf("check header %q: that is not the name of a header", name))
		return
	}
	for _, check := range checks {
		if check == nil {
			c.mistakes.Add(errors.New("check header " + name + ": a check is nil: without any, every value will do"))
			return
		}
	}
	c.demands = append(c.demands, &demand{
		http.CanonicalHeaderKey(name), checks,
		&RefusedError{"the header " + name + " is missing"}, &RefusedError{"the header " + name + " has a value that is refused"},
	})
}
