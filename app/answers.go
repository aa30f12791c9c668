package app

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"
)

// RespondRedirect answers with the location, which is sent as it is, and 302
// Found, or the redirection that was set before: after SetStatus(303) a POST
// continues as a GET, after 307 as what it was. A status that does not redirect,
// such as 200 or 304, gives way to 302.
//
// Ktor: respondRedirect.
func (c *Call) RespondRedirect(location string) error {
	if set := c.Status(); set >= 300 && set < 400 && set != http.StatusNotModified {
		return c.redirect(set, location)
	}
	return c.redirect(http.StatusFound, location)
}

// RespondPermanentRedirect answers with the location, which is sent as it is,
// and 301 Moved Permanently, or 308 if that was set before: it keeps the
// method. Clients may remember the location.
//
// Ktor: respondRedirect with permanent = true.
func (c *Call) RespondPermanentRedirect(location string) error {
	if set := c.Status(); set == http.StatusPermanentRedirect {
		return c.redirect(set, location)
	}
	return c.redirect(http.StatusMovedPermanently, location)
}

func (c *Call) redirect(status int, location string) error {
	if err := c.unanswerable(); err != nil {
		return err
	}
	c.Header().Set("Location", location)
	return c.RespondStatus(status)
}

// RespondHTML answers with what the template makes of data, as text/html in
// UTF-8. The template is executed before anything is answered, so an error in
// it is an error of the handler. A Content-Type set before is kept. A nil page
// is an error.
func (c *Call) RespondHTML(page *template.Template, data any) error {
	if err := c.unanswerable(); err != nil {
		return err
	}
	if page == nil {
		return errors.New("respond with template: the template is nil")
	}
	var body bytes.Buffer
	if err := page.Execute(&body, data); err != nil {
		return fmt.Errorf("respond with template %q: %w", page.Name(), err)
	}
	c.defaultType("text/html; charset=UTF-8")
	return c.RespondBytes(body.Bytes())
}

func (c *Call) defaultType(contentType string) {
	if header := c.Header(); header["Content-Type"] == nil {
		header.Set("Content-Type", contentType)
	}
}
