package contentnegotiation_test

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/routing"
)

// offers are registered in this order, and write their names.
var offers = []string{"application/json", "application/xml", "text/csv", "text/html"}

// choosing returns a function that returns the type chosen for the lines of an
// Accept header, or the status of a refusal.
func choosing(t testing.TB) func(lines ...string) string {
	t.Helper()
	application := app.New(func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = discard })
		a.Install(with(func(c *contentnegotiation.Config) {
			for _, offer := range offers {
				c.Register(offer, contentnegotiation.Codec(func(any) ([]byte, error) { return []byte(offer), nil }, nil))
			}
		}))
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return respond(Wrapper{}) })
	})
	require.NoError(t, application.Start(t.Context()))
	return func(lines ...string) string {
		request := httptest.NewRequestWithContext(application.Context(), http.MethodGet, "/", nil)
		request.Header["Accept"] = lines
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		if recorder.Code != http.StatusOK {
			return strconv.Itoa(recorder.Code)
		}
		return recorder.Body.String()
	}
}

// TestConvertersAndConditionsReadAcceptAlike asks a converter and a route for
// one type, with and without parameters.
func TestConvertersAndConditionsReadAcceptAlike(t *testing.T) {
	for accepted, want := range map[string]int{
		"application/soap+xml":                            http.StatusOK,
		"application/soap+xml; charset=utf-8":             http.StatusOK,
		`application/soap+xml;charset="UTF-8"`:            http.StatusOK,
		"application/soap+xml; action=run; charset=utf-8": http.StatusOK,
		"application/soap+xml; ACTION=Run":                http.StatusOK,
		"application/soap+xml; action=walk":               http.StatusNotAcceptable,
		"application/*; action=walk, */*; depth=1;q=0.5":  http.StatusOK,
		"application/*; action=walk, */*; depth=1;q=0":    http.StatusNotAcceptable,
		"application/json; charset=utf-8":                 http.StatusNotAcceptable,
	} {
		const offered = "application/soap+xml; action=run"
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(with(func(c *contentnegotiation.Config) {
				c.Register(offered, contentnegotiation.Codec(func(any) ([]byte, error) { return []byte("run"), nil }, nil))
			}))
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/converter", respond(Wrapper{}))
				r.Accept(offered).Get("/condition", respond("run"))
			})
		})
		for _, path := range []string{"/converter", "/condition"} {
			assert.Equal(t, want, host.Get(path, accept(accepted)).StatusCode, "%s: %s", path, accepted)
		}
	}
}

func TestAccept(t *testing.T) {
	choose := choosing(t)
	tests := map[string]struct {
		lines []string
		want  string
	}{
		"no header":                      {nil, "application/json"},
		"nothing in it":                  {[]string{""}, "application/json"},
		"empty elements only":            {[]string{" , ,"}, "application/json"},
		"one type":                       {[]string{"text/csv"}, "text/csv"},
		"any case":                       {[]string{"Text/CSV"}, "text/csv"},
		"everything":                     {[]string{"*/*"}, "application/json"},
		"everything, as old clients say": {[]string{"text/none, *; q=.2"}, "application/json"},
		"a range":                        {[]string{"text/*"}, "text/csv"},
		"a type before a range":          {[]string{"text/*, text/html"}, "text/html"},
		"a type before everything":       {[]string{"*/*, text/html"}, "text/html"},
		"a range before everything":      {[]string{"*/*, text/*"}, "text/csv"},
		"the order of the client":        {[]string{"text/html, application/json"}, "text/html"},
		"several lines":                  {[]string{"text/none", "text/html", "application/json"}, "text/html"},
		"q-values":                       {[]string{"application/json;q=0.5, application/xml;q=0.9, text/csv;q=0.7"}, "application/xml"},
		"q-values of ranges":             {[]string{"application/*;q=0.5, text/*;q=0.9"}, "text/csv"},
		"the precise range counts":       {[]string{"text/*, text/csv;q=0.1, application/json;q=0.5"}, "text/html"},
		"the precise range counts, down": {[]string{"*/*, application/json;q=0.1, application/xml;q=0.1"}, "text/csv"},
		"never":                          {[]string{"*/*, application/json;q=0"}, "application/xml"},
		"never, by a range":              {[]string{"application/*;q=0, */*;q=0.1"}, "text/csv"},
		"nothing":                        {[]string{"*/*;q=0"}, "406"},
		"nothing that is there":          {[]string{"image/png, image/*"}, "406"},
		"named twice":                    {[]string{"text/csv;q=0.1, text/html;q=0.5, text/csv"}, "text/csv"},
		"named twice, the last least":    {[]string{"text/csv, text/html;q=0.5, text/csv;q=0.1"}, "text/csv"},
		"parameters":                     {[]string{"text/html;level=1;charset=utf-8"}, "text/html"},
		"q among parameters":             {[]string{"text/html;level=1;Q=0.1, text/csv;q=0.2"}, "text/csv"},
		"quoted parameter":               {[]string{`text/html;title="a, b;q=0";q=0.9, text/csv;q=0.5`}, "text/html"},
		"quoted with an escape":          {[]string{`text/html;title="\", text/none";q=0.4, text/csv;q=0.5`}, "text/csv"},
		"malformed q-value":              {[]string{"text/csv;q=0.9, text/html;q=much"}, "text/html"},
		"q-value out of range":           {[]string{"text/csv;q=0.9, text/html;q=-1"}, "text/html"},
		"q-value above 1":                {[]string{"text/html, text/csv;q=5"}, "text/html"},
		"a browser":                      {[]string{"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}, "text/html"},
		"no subtype":                     {[]string{"text"}, "400"},
		"an empty subtype":               {[]string{"text/"}, "400"},
		"no type":                        {[]string{"/html"}, "400"},
		"nothing before parameters":      {[]string{";q=1"}, "400"},
		"two slashes":                    {[]string{"text/html/more"}, "400"},
		"a space":                        {[]string{"te xt/html"}, "400"},
		"malformed behind a match":       {[]string{"application/json, text"}, "400"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, choose(test.lines...)) })
	}
}

// FuzzAccept compares the choice with one made by splitting and sorting.
func FuzzAccept(f *testing.F) {
	for _, seed := range []string{
		"", "*/*", "text/*;q=0.5, text/html", "application/json;q=0, */*", `text/html;a="b,c";q=.1,*`, "a/b;q=1;q=0,,text/csv;q=2",
		`text/html;"`, `x"/y`, "*/html;q=1e-3", "TEXT/CSV ;Q= 0.3", "text/csv;q=NaN", `text/csv;a="\`, "application/xml;q=+0.5\t",
	} {
		f.Add(seed)
	}
	choose := choosing(f)
	f.Fuzz(func(t *testing.T, accept string) {
		assert.Equal(t, modelChoice(accept), choose(accept))
	})
}

var (
	quoted = regexp.MustCompile(`"(?s:[^"\\]|\\.)*("|\\?$)`)
	token  = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
)

// modelChoice is what choosing should return. It first takes the text out of
// quoted strings, which may hold separators.
func modelChoice(accept string) string {
	type entry struct {
		kind, subtype   string
		q               float64
		precision, seat int
	}
	var entries []entry
	for i, text := range strings.Split(quoted.ReplaceAllString(accept, `"`), ",") {
		parts := strings.Split(text, ";")
		name := strings.Trim(parts[0], " \t")
		if name == "" && strings.Trim(strings.Join(parts[1:], ";"), " \t") == "" {
			continue
		}
		if name == "*" {
			name = "*/*"
		}
		names := strings.Split(strings.ToLower(name), "/")
		if len(names) != 2 || !token.MatchString(names[0]) || !token.MatchString(names[1]) {
			return "400"
		}
		added := entry{names[0], names[1], 1, 2, i}
		if added.subtype == "*" {
			added.precision = 1
		}
		if added.kind == "*" {
			added.precision = 0
		}
		for _, parameter := range parts[1:] {
			key, value, _ := strings.Cut(parameter, "=")
			if strings.EqualFold(strings.Trim(key, " \t"), "q") {
				if q, err := strconv.ParseFloat(strings.Trim(value, " \t"), 64); err == nil && q >= 0 && q <= 1 {
					added.q = q
				}
				break
			}
		}
		entries = append(entries, added)
	}
	if len(entries) == 0 {
		return offers[0]
	}
	type liked struct {
		offer string
		entry
	}
	var acceptable []liked
	for _, offer := range offers {
		kind, subtype, _ := strings.Cut(offer, "/")
		var matching []entry
		for _, e := range entries {
			if (e.kind == "*" || e.kind == kind) && (e.subtype == "*" || e.subtype == subtype) {
				matching = append(matching, e)
			}
		}
		slices.SortStableFunc(matching, func(a, b entry) int {
			return cmp.Or(b.precision-a.precision, cmp.Compare(b.q, a.q))
		})
		if len(matching) > 0 && matching[0].q > 0 {
			acceptable = append(acceptable, liked{offer, matching[0]})
		}
	}
	if len(acceptable) == 0 {
		return "406"
	}
	slices.SortStableFunc(acceptable, func(a, b liked) int {
		return cmp.Or(cmp.Compare(b.q, a.q), b.precision-a.precision, a.seat-b.seat)
	})
	return acceptable[0].offer
}
