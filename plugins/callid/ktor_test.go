package callid_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/callid"
	"github.com/chitor-go/chitor/routing"
)

// These are Ktor's CallIdTest, under the names they have there.

func TestMissingPlugin(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return tellID })
	})
	assertID(t, host, "/", "", "null")
}

func TestCustomRetriever(t *testing.T) {
	host := apptest.Start(t, telling(func(c *callid.Config) {
		c.Retrieve(func(c *app.Call) string { return c.Request.URL.Path })
	}))
	assertID(t, host, "/call-id", "", "/call-id")
}

func TestHeaderRetriever(t *testing.T) {
	host := apptest.Start(t, telling(func(c *callid.Config) { c.RetrieveFromHeader(header) }))
	assertID(t, host, "/", "test-id", "test-id")
	assertID(t, host, "/", "", "null")
}

func TestHeaderRetrieverWithGenerator(t *testing.T) {
	host := apptest.Start(t, telling(func(c *callid.Config) {
		c.RetrieveFromHeader(header)
		c.Generate(func(*app.Call) string { return "generated-id" })
	}))
	assertID(t, host, "/", "test-id", "test-id")
	assertID(t, host, "/", "", "generated-id")
}

func TestHeaderRetrieverWithTextGenerator(t *testing.T) {
	host := apptest.Start(t, telling(func(c *callid.Config) {
		c.RetrieveFromHeader(header)
		c.GenerateText(64, "abc")
	}))
	assertID(t, host, "/", "test-id", "test-id")
	id := apptest.Text(t, host.Get("/"))
	assert.Len(t, id, 64)
	assert.Empty(t, strings.Trim(id, "abc"), "there is nothing but what the dictionary has")
	for _, character := range []string{"a", "b", "c"} {
		assert.Contains(t, id, character) // with 64 of them it is missing once in 10^11 times
	}
}

func TestHeaderRetrieverWithDefaultTextGenerator(t *testing.T) {
	host := apptest.Start(t, telling(func(c *callid.Config) {
		c.RetrieveFromHeader(header)
		c.GenerateText(0, "")
	}))
	assertID(t, host, "/", "test-id", "test-id")
	id := apptest.Text(t, host.Get("/"))
	assert.Len(t, id, 64)
	assert.Empty(t, strings.Trim(id, callid.Dictionary))
	assert.NotEqual(t, id, apptest.Text(t, host.Get("/")))
}

func TestReplyToHeader(t *testing.T) {
	host := apptest.Start(t, telling(func(c *callid.Config) {
		c.Header(header)
		c.Generate(func(*app.Call) string { return "generated-call-id" })
	}))
	for sent, want := range map[string]string{"client-id": "client-id", "": "generated-call-id"} {
		assertID(t, host, "/", sent, want)
		assert.Equal(t, []string{want}, host.Get("/", apptest.Header(header, sent)).Header[header])
	}
}

func TestDefaultVerifierForRetrieve(t *testing.T) {
	host := apptest.Start(t, telling(func(c *callid.Config) { c.Header(header) }))
	assertID(t, host, "/", callid.Dictionary, callid.Dictionary)
	response := host.Get("/", apptest.Header(header, "\u1000"))
	assert.Equal(t, "null", apptest.Text(t, response))
	assert.NotContains(t, response.Header, header)
}

func TestDefaultVerifierForGenerate(t *testing.T) {
	host := apptest.Start(t, telling(func(c *callid.Config) {
		c.Generate(func(c *app.Call) string {
			if c.Request.URL.Path == "/valid" {
				return callid.Dictionary
			}
			return "\u1000"
		})
	}))
	assertID(t, host, "/valid", "", callid.Dictionary)
	assertID(t, host, "/invalid", "", "null")
}

func TestSubrouteInstall(t *testing.T) {
	generating := func(id string) app.Installable {
		return callid.Plugin.With(func(c *callid.Config) { c.Generate(func(*app.Call) string { return id }) })
	}
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/1", func(r *routing.Route) {
				r.Install(generating("test-id"))
				r.Get("", tellID)
				r.Route("/inner", func(r *routing.Route) { // not in Ktor's: the nearest one alone
					r.Install(generating("inner-id"))
					r.Get("", tellID)
				})
			})
			r.Route("/2", func(r *routing.Route) {
				r.Install(generating("2222"))
				r.Get("", tellID)
			})
			r.Get("/3", tellID)
		})
	})
	for path, want := range map[string]string{"/1": "test-id", "/1/inner": "inner-id", "/2": "2222", "/3": "null"} {
		assertID(t, host, path, "", want)
	}
}

// TestCoroutineContextElement: what is a coroutine's context there is the
// call's context.Context.
func TestCoroutineContextElement(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(callid.Plugin.With(func(c *callid.Config) { c.Generate(func(*app.Call) string { return "test-id" }) }))
		routing.Routes(a, func(r *routing.Route) {
			r.Mount("/1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				id, ok := callid.FromContext(r.Context())
				assert.True(t, ok)
				_, _ = w.Write([]byte(id))
			}))
		})
	})
	assertID(t, host, "/1", "", "test-id")
	_, ok := callid.FromContext(t.Context())
	assert.False(t, ok, "a context without a call")
}

func TestCustomVerifier(t *testing.T) {
	host := apptest.Start(t, telling(func(c *callid.Config) {
		c.Header(header)
		c.Verify(func(id string) (bool, error) {
			if len(id) < 3 {
				return false, &callid.RejectedError{ID: id}
			}
			return len(id) > 4, nil
		})
	}))
	assertID(t, host, "/", "12345", "12345")
	assertID(t, host, "/", "123", "null")
	assert.Equal(t, http.StatusBadRequest, host.Get("/", apptest.Header(header, "1")).StatusCode)
}
