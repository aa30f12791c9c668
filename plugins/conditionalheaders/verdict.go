package conditionalheaders

import (
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// Check compares the conditions of a request that changes something, such as
// PUT, with the versions of what it is about to change. If they are not met it
// returns an [app.Error] with 412, which the handler returns before it has
// changed anything: when its response is committed it is too late. No version
// at all stands for a resource that does not exist: If-Match fails then, and
// If-None-Match: * is met. An [EntityTagVersion] that is no tag is an error.
// It needs no installation of the plugin.
//
// Ktor: it compares after the handler has run.
func Check(c *app.Call, versions ...Version) error {
	s, err := stateOf(versions)
	if err != nil {
		return err
	}
	header := c.Request.Header
	failed := s.fails(header)
	if len(versions) == 0 {
		failed = hasText(header["If-Match"])
	} else if !failed {
		failed, _ = s.matches(header["If-None-Match"], httpheader.EntityTag.MatchesWeakly)
	}
	if failed {
		return app.NewError(http.StatusPreconditionFailed, "the precondition failed")
	}
	return nil
}

// A Verdict is what the conditions of a request say of a response.
type Verdict struct {
	// Status is what [Plugin] answers with in its place: 304, 412, or 0 for
	// nothing else.
	Status int
	// Continues reports whether If-Range lets ranges of it be sent.
	Continues bool
}

// Judge evaluates the conditions of a request for a response that is being
// committed, by the nearest installation of [Plugin], or by its headers alone
// where there is none. It sets the ETag and Last-Modified headers that the
// installation knows of. It is for plugins that send a part of a body, which
// have to do so before the plugin has its turn: a Status that is not 0 forbids
// it, since conditions come before ranges (RFC 9110 section 13.2.2).
//
// Ktor: versionsFor.
func Judge(c *app.Call, out *app.Outgoing) (Verdict, error) {
	v, installed := app.InstanceOf[*versions](Plugin, c.Scope())
	if !installed {
		v = &versions{}
	}
	s, err := v.of(c, out)
	if err != nil {
		return Verdict{}, err
	}
	verdict := Verdict{Status: s.evaluate(c.Request.Header), Continues: s.continues(c.Request.Header["If-Range"])}
	if installed && verdict.Status == 0 {
		describedKey.Set(c, true)
	}
	return verdict, nil
}
