package app

import (
	"net/url"
	"strings"
)

// queryKey holds the query that a call was asked for last.
var queryKey = NewKey[query]("app.query")

// A query is that of a request, once it has been read.
type query struct {
	raw    string
	values url.Values // of the pairs that can be read
	err    error      // of the first pair that cannot
}

// query reads the query of the request, unless it was read before. Middlewares
// may pass on a request with another one.
func (c *Call) query() query {
	raw := c.Request.URL.RawQuery
	if raw == "" {
		return query{}
	}
	if known, found := queryKey.Get(c); found && known.raw == raw {
		return known
	}
	read := query{raw: raw}
	read.values, read.err = url.ParseQuery(raw)
	queryKey.Set(c, read)
	return read
}

// Query returns the query parameters, decoded. Names are case-sensitive. Pairs
// that cannot be read are left out, as in net/http. A call reads its query once:
// what is returned must not be changed, a clone may.
func (c *Call) Query() url.Values {
	if values := c.query().values; values != nil {
		return values
	}
	return url.Values{}
}

// QueryParam returns the first value of a query parameter, decoded, or "", also
// where it is in a pair that cannot be read: the function [QueryParam] refuses
// that.
func (c *Call) QueryParam(name string) string { return c.query().values.Get(name) }

// hidden returns the error of a pair that cannot be read and may have been given
// for the parameter, or nil if all that was given for it could be read. A pair
// with a semicolon may be several, and one whose name cannot be read anything.
func (q query) hidden(name string) error {
	if q.err == nil {
		return nil
	}
	anonymous := true // the error is of no pair, but of their number
	for pair := range strings.SplitSeq(q.raw, "&") {
		if readable(pair) {
			continue
		}
		anonymous = false
		for part := range strings.SplitSeq(pair, ";") {
			key, _, _ := strings.Cut(part, "=")
			if key, err := url.QueryUnescape(key); err == nil && key == name || err != nil && !q.values.Has(name) {
				return q.err
			}
		}
	}
	if anonymous {
		return q.err
	}
	return nil
}

// readable reports whether net/url reads a pair.
func readable(pair string) bool {
	_, err := url.ParseQuery(pair)
	return err == nil
}
