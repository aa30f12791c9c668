package sessions

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Secure says whether a session cookie is for connections that nobody can read
// along.
type Secure uint8

const (
	// SecureAuto marks a cookie as Secure if the client has used https, as
	// [app.Call.Origin] says: behind a proxy with a plugin such as
	// ForwardedHeaders, which believes it. It is the default.
	SecureAuto Secure = iota
	// SecureAlways marks it always. Browsers drop such a cookie that comes without
	// https, but for localhost.
	SecureAlways
	// SecureNever never does.
	SecureNever
)

// CookieConfig configures a session in a cookie.
//
// Ktor: CookieSessionBuilder, with its CookieConfiguration.
type CookieConfig struct {
	Settings

	// Path is the path that the browser sends the cookie for, with all below it:
	// "/" by default.
	//
	// Ktor: path.
	Path string
	// Domain is whose hosts get the cookie, with all subdomains. Empty, the
	// default, is the host that has set it, alone, which is safer.
	//
	// Ktor: domain.
	Domain string
	// SameSite says whether pages of other sites send the cookie along:
	// http.SameSiteLaxMode by default, which does for links and not for forms or
	// scripts. http.SameSiteNoneMode needs SecureAlways. 0 leaves it to the browser.
	//
	// Ktor: sameSite, which is left to the browser.
	SameSite http.SameSite
	// Secure says whether the cookie is kept from connections without TLS.
	//
	// Ktor: secure, false by default.
	Secure Secure
	// HTTPOnly hides the cookie from scripts: true by default.
	//
	// Ktor: httpOnly.
	HTTPOnly bool
	// Partitioned has a page within another site's have a cookie of its own for
	// each such site (CHIPS). It needs SecureAlways. False by default.
	Partitioned bool
}

func defaultCookieConfig() CookieConfig {
	return CookieConfig{
		Settings: defaultSettings(),
		Path:     "/", SameSite: http.SameSiteLaxMode, HTTPOnly: true,
	}
}

const secureAttribute = "; Secure"

// maxCookie is how long a cookie can be: name, value and attributes (RFC 6265
// section 6.1).
const maxCookie = 4096

// check adds what is wrong with a cookie of that name to the mistakes.
func (c *CookieConfig) check(name string) {
	// The name is a token, or a mistake already.
	//nolint:gosec // it is never sent
	probe := http.Cookie{Name: "name", Path: c.Path, Domain: c.Domain}
	if err := probe.Valid(); err != nil {
		c.mistakes.Add(err)
	}
	if !strings.HasPrefix(c.Path, "/") {
		c.mistakes.Add(fmt.Errorf("the path is %q: it must begin with a slash", c.Path))
	}
	if c.SameSite < 0 || c.SameSite > http.SameSiteNoneMode {
		c.mistakes.Add(fmt.Errorf("SameSite is %d, none of net/http's modes", c.SameSite))
	}
	if c.Secure > SecureNever {
		c.mistakes.Add(fmt.Errorf("Secure is %d, none of SecureAuto, SecureAlways and SecureNever", c.Secure))
	}
	// Browsers compare the prefixes without regard to case.
	lower := strings.ToLower(name)
	host := strings.HasPrefix(lower, "__host-")
	for _, needs := range []struct {
		what string
		does bool
	}{
		{"a name that begins with __Secure-", strings.HasPrefix(lower, "__secure-")},
		{"a name that begins with __Host-", host},
		{"SameSite=None", c.SameSite == http.SameSiteNoneMode},
		{"a partitioned cookie", c.Partitioned},
	} {
		if needs.does && c.Secure != SecureAlways {
			c.mistakes.Add(fmt.Errorf("browsers drop %s without Secure: set Secure to SecureAlways", needs.what))
		}
	}
	if host && (c.Path != "/" || c.Domain != "") {
		c.mistakes.Add(errors.New("browsers drop a name that begins with __Host- with another Path than / or with a Domain"))
	}
}

// cookieTransport carries a session in a cookie.
//
// Ktor: SessionTransportCookie.
type cookieTransport struct {
	name       string
	begin      string // the name, and =
	attributes string // all but Max-Age and Secure
	lasts      bool   // longer than the browser
	secure     Secure
}

func newCookieTransport(name string, c *CookieConfig) *cookieTransport {
	probe := http.Cookie{ //nolint:gosec // its attributes are those of the configuration
		Name: name, Path: c.Path, Domain: c.Domain, SameSite: c.SameSite, HttpOnly: c.HTTPOnly, Partitioned: c.Partitioned,
	}
	probe.Secure = true // or it is not valid, if it is partitioned
	attributes := ""
	if probe.Valid() == nil { // otherwise net/http would log it, and it is a mistake
		attributes = strings.TrimPrefix(strings.Replace(probe.String(), secureAttribute, "", 1), name+"=")
	}
	return &cookieTransport{name, name + "=", attributes, c.MaxAge != 0, c.Secure}
}

func (t *cookieTransport) receive(r *http.Request) string {
	return cookieValue(r.Header["Cookie"], t.name)
}
func (t *cookieTransport) varies() string { return "Cookie" }
func (t *cookieTransport) longest() int   { return maxCookie }

// longestAge is what browsers take, and Ktor sends.
const longestAge = math.MaxInt32

func (t *cookieTransport) fits(value string) error {
	if length := len(t.line(value, longestAge, true)); length > maxCookie {
		return tooLong("the cookie", length, maxCookie)
	}
	return nil
}

func (t *cookieTransport) send(header http.Header, value string, maxAge time.Duration, secure bool) {
	t.unsend(header)
	seconds := int64(0)
	if t.lasts {
		seconds = min(max(1, int64(maxAge/time.Second)), longestAge)
	}
	header["Set-Cookie"] = append(header["Set-Cookie"], t.line(value, seconds, t.isSecure(secure)))
}

func (t *cookieTransport) clear(header http.Header, secure bool) {
	t.unsend(header)
	line := t.begin + t.attributes + "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
	if t.isSecure(secure) {
		line += secureAttribute
	}
	header["Set-Cookie"] = append(header["Set-Cookie"], line)
}

// unsend leaves the cookies of others where they are.
func (t *cookieTransport) unsend(header http.Header) {
	ours := func(line string) bool { return strings.HasPrefix(line, t.begin) }
	lines := header["Set-Cookie"]
	if !slices.ContainsFunc(lines, ours) {
		return
	}
	if lines = slices.DeleteFunc(slices.Clone(lines), ours); len(lines) == 0 {
		delete(header, "Set-Cookie")
		return
	}
	header["Set-Cookie"] = lines
}

func (t *cookieTransport) isSecure(https bool) bool {
	return t.secure == SecureAlways || t.secure == SecureAuto && https
}

// line returns the value of Set-Cookie.
func (t *cookieTransport) line(value string, maxAge int64, secure bool) string {
	const maxAgeName = "; Max-Age="
	line := make([]byte, 0, len(t.begin)+len(value)+len(t.attributes)+len(maxAgeName)+20+len(secureAttribute))
	line = append(line, t.begin...)
	line = append(line, value...)
	line = append(line, t.attributes...)
	if maxAge > 0 {
		line = append(line, maxAgeName...)
		line = strconv.AppendInt(line, maxAge, 10)
	}
	if secure {
		line = append(line, secureAttribute...)
	}
	return string(line)
}

// cookieBlanks may stand around a cookie and its name, as in net/http.
const cookieBlanks = " \t\r\n"

// cookieValue returns the value of the first cookie of a name, whatever it holds,
// without making anything of the others: none of them stands in for one that is
// wrong, as it does with [http.Request.Cookie].
func cookieValue(lines []string, name string) string {
	for _, line := range lines {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			pair = strings.Trim(pair, cookieBlanks)
			key, value, found := strings.Cut(pair, "=")
			if !found || strings.TrimRight(key, cookieBlanks) != name {
				continue
			}
			return strings.Trim(value, " \t\"")
		}
	}
	return ""
}
