package callid_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/callid"
)

// anything is a verifier that lets every id pass.
func anything(string) (bool, error) { return true, nil }

func TestHostileIDs(t *testing.T) {
	fromQuery := func(c *callid.Config) {
		c.Retrieve(func(c *app.Call) string { return c.QueryParam("id") })
		c.ReplyToHeader(header)
	}
	for name, test := range map[string]struct {
		configure func(*callid.Config)
		query     string
		status    int
		id        string
	}{
		"as long as it may be":      {fromQuery, strings.Repeat("a", 256), http.StatusOK, strings.Repeat("a", 256)},
		"too long":                  {fromQuery, strings.Repeat("a", 257), http.StatusBadRequest, ""},
		"longer by configuration":   {func(c *callid.Config) { fromQuery(c); c.MaxLength = 300 }, strings.Repeat("a", 300), http.StatusOK, strings.Repeat("a", 300)},
		"too long by configuration": {func(c *callid.Config) { fromQuery(c); c.MaxLength = 8 }, "abcdefghi", http.StatusBadRequest, ""},
		"another line":              {fromQuery, "a%0D%0ASet-Cookie:%20b", http.StatusBadRequest, ""},
		"a control character that the verifier lets pass": {
			func(c *callid.Config) { fromQuery(c); c.Verify(anything) }, "a%00b", http.StatusBadRequest, "",
		},
		"delete":                       {func(c *callid.Config) { fromQuery(c); c.Verify(anything) }, "a%7Fb", http.StatusBadRequest, ""},
		"what the verifier lets pass":  {func(c *callid.Config) { fromQuery(c); c.Verify(anything) }, "A%20B", http.StatusOK, "A B"},
		"outside the dictionary":       {fromQuery, "Abc", http.StatusOK, "null"},
		"rejected by the dictionary":   {func(c *callid.Config) { fromQuery(c); c.VerifyDictionary("abc", true) }, "abcd", http.StatusBadRequest, ""},
		"in the rejecting dictionary":  {func(c *callid.Config) { fromQuery(c); c.VerifyDictionary("abc", true) }, "cab", http.StatusOK, "cab"},
		"broken text":                  {fromQuery, "a%FFb", http.StatusOK, "null"},
		"broken text, another verdict": {func(c *callid.Config) { fromQuery(c); c.VerifyDictionary("ab\u1000", true) }, "a%FFb", http.StatusBadRequest, ""},
		"a wide dictionary":            {func(c *callid.Config) { fromQuery(c); c.VerifyDictionary("ab\u1000", true) }, "a%E1%80%80b", http.StatusOK, "a\u1000b"},
		"empty":                        {func(c *callid.Config) { fromQuery(c); c.Verify(anything) }, "", http.StatusOK, "null"},
	} {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, telling(test.configure))
			response := host.Get("/?id=" + test.query)
			assert.Equal(t, test.status, response.StatusCode)
			if test.status != http.StatusOK {
				assert.Equal(t, "Bad Request", apptest.Text(t, response), "the id is not sent back")
				assert.NotContains(t, response.Header, header)
				return
			}
			assert.Equal(t, test.id, apptest.Text(t, response))
		})
	}
}

// TestHostileHeader: what net/http lets through as the value of a header.
func TestHostileHeader(t *testing.T) {
	host := apptest.Start(t, telling(func(c *callid.Config) {
		c.Header(header)
		c.Generate(func(*app.Call) string { return "generated" })
	}))
	assertID(t, host, "/", "A-Capital", "generated")
	assertID(t, host, "/", `"><script>`, "generated")
	assert.Equal(t, http.StatusBadRequest, host.Get("/", apptest.Header(header, strings.Repeat("a", 40_000))).StatusCode)
	assert.Equal(t, http.StatusBadRequest, host.Get("/", apptest.Header(header, "a\tb")).StatusCode)
	assert.Equal(t, "first", apptest.Text(t, host.Get("/", apptest.Header(header, "first"), apptest.Header(header, "second"))))
}

func TestVerifierThatFails(t *testing.T) {
	host := apptest.Start(t, telling(func(c *callid.Config) {
		c.RetrieveFromHeader(header)
		c.Verify(func(string) (bool, error) { return true, errors.New("the secret of the verifier") })
	}))
	response := host.Get("/", apptest.Header(header, "id"))
	assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
	assert.NotContains(t, apptest.Text(t, response), "secret")
}

// TestErrorsHaveTheHeader: a response that no handler has written can be
// traced, too.
func TestErrorsHaveTheHeader(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(callid.Plugin.With(func(c *callid.Config) { c.Header(header) }))
			a.Intercept(app.PhaseCall, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					if c.Request.URL.Path == "/broken" {
						panic("broken")
					}
					return next(c)
				}
			})
		}, mode)
		for path, status := range map[string]int{"/broken": http.StatusInternalServerError, "/missing": http.StatusNotFound} {
			response := host.Get(path, apptest.Header(header, "my-id"))
			assert.Equal(t, status, response.StatusCode)
			assert.Equal(t, "my-id", response.Header.Get(header))
		}
	})
}

func TestRejectedError(t *testing.T) {
	var coded interface{ StatusCode() int }
	require.ErrorAs(t, error(&callid.RejectedError{ID: "a\nb"}), &coded)
	assert.Equal(t, http.StatusBadRequest, coded.StatusCode())
	assert.EqualError(t, &callid.RejectedError{ID: "a\nb"}, `"a\nb" is refused`)
	long := &callid.RejectedError{ID: strings.Repeat("a", 100_000)}
	assert.EqualError(t, long, `"`+strings.Repeat("a", 64)+`"... of 100000 bytes is refused`)
}

func TestMistakes(t *testing.T) {
	for name, test := range map[string]struct {
		configure func(*callid.Config)
		want      string
	}{
		"length":              {func(c *callid.Config) { c.MaxLength = 0 }, "MaxLength is 0: an id has at least 1 byte"},
		"header":              {func(c *callid.Config) { c.Header("X Id") }, `"X Id" is not the name of a header`},
		"header without name": {func(c *callid.Config) { c.RetrieveFromHeader("") }, `"" is not the name of a header`},
		"reply header":        {func(c *callid.Config) { c.ReplyToHeader("X:") }, `"X:" is not the name of a header`},
		"reply in a length":   {func(c *callid.Config) { c.ReplyToHeader("content-length") }, "header content-length: an id cannot be sent in it"},
		"header of a coding":  {func(c *callid.Config) { c.Header("Content-Encoding") }, "header Content-Encoding: an id cannot be sent in it"},
		"retrieve":            {func(c *callid.Config) { c.Retrieve(nil) }, "a source is nil"},
		"generate":            {func(c *callid.Config) { c.Generate(nil) }, "a source is nil"},
		"reply":               {func(c *callid.Config) { c.Reply(nil) }, "a reply is nil"},
		"verify":              {func(c *callid.Config) { c.Verify(nil) }, "the verifier is nil"},
		"verify dictionary":   {func(c *callid.Config) { c.VerifyDictionary("", true) }, "the dictionary of the verifier is empty"},
		"text length":         {func(c *callid.Config) { c.GenerateText(-1, "") }, "generate text: the length is -1"},
		"long text":           {func(c *callid.Config) { c.GenerateText(257, "") }, "generate text: the length 257 is over MaxLength, which is 256"},
		"short dictionary":    {func(c *callid.Config) { c.GenerateText(8, "a") }, "generate text: the dictionary has one character"},
		"twice":               {func(c *callid.Config) { c.GenerateText(8, "aba") }, "generate text: the dictionary has 'a' twice"},
		"not ASCII":           {func(c *callid.Config) { c.GenerateText(8, "aé") }, "generate text: the dictionary has 'é', which is not printable ASCII"},
		"not verified":        {func(c *callid.Config) { c.GenerateText(8, "abC") }, "generate text: the dictionary has 'C', which the verifier's dictionary lacks"},
	} {
		t.Run(name, func(t *testing.T) {
			err := app.New(telling(test.configure)).Start(t.Context())
			require.ErrorContains(t, err, "callid/host_test.go:")
			assert.ErrorContains(t, err, "install CallId: "+test.want)
		})
	}
	t.Run("all at once", func(t *testing.T) {
		err := app.New(telling(func(c *callid.Config) { c.Verify(nil); c.Header(""); c.MaxLength = -1 })).Start(t.Context())
		for _, want := range []string{"the verifier is nil", "not the name of a header", "MaxLength is -1"} {
			assert.ErrorContains(t, err, want)
		}
		assert.Equal(t, 3, strings.Count(err.Error(), "\n")+1, "each once: %v", err)
	})
}

// TestTextThatThePredicateAllows: what a dictionary is not known for cannot be
// a mistake.
func TestTextThatThePredicateAllows(t *testing.T) {
	for name, configure := range map[string]func(*callid.Config){
		"predicate":         func(c *callid.Config) { c.GenerateText(8, "AB"); c.Verify(anything) },
		"dictionary, later": func(c *callid.Config) { c.GenerateText(8, "AB"); c.VerifyDictionary("ABC", true) },
	} {
		t.Run(name, func(t *testing.T) {
			id := apptest.Text(t, apptest.Start(t, telling(configure)).Get("/"))
			assert.Len(t, id, 8)
			assert.Empty(t, strings.Trim(id, "AB"))
		})
	}
}
