package csrf_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/csrf"
)

// TestKtorCSRFTest has the cases of Ktor's class. A refused call is 403 here and
// 400 there, with a text that has what the client has sent.
func TestKtorCSRFTest(t *testing.T) {
	t.Parallel()
	t.Run("allowOrigin", func(t *testing.T) {
		t.Parallel()
		s := guarded(t, func(c *csrf.Config) {
			c.AllowOrigin("https://localhost:8080")
			c.RequireOrigin = true
		})
		assert.Equal(t, http.StatusOK, s.post("/no-csrf"))
		assert.Equal(t, http.StatusForbidden, s.post("/csrf"))
		assert.Equal(t, http.StatusForbidden, s.post("/csrf", "Origin", "https://127.0.0.1:8080"))
		assert.Equal(t, http.StatusOK, s.post("/csrf", "Origin", "https://localhost:8080"))
		// Ktor takes the scheme of a Referer for that of the origin.
		assert.Equal(t, http.StatusForbidden, s.post("/csrf", "Referer", "http://localhost:8080/redirect/from-here"))
		assert.Equal(t, http.StatusOK, s.post("/csrf", "Referer", "https://localhost:8080/redirect/from-here"))
	})

	t.Run("originMatchesHost", func(t *testing.T) {
		t.Parallel()
		s := guarded(t, func(c *csrf.Config) { c.RequireOrigin = true })
		assert.Equal(t, http.StatusOK, s.post("/no-csrf"))
		for host, want := range map[string]int{"127.0.0.1:8080": 403, "localhost": 403, "localhost:8080": 200} {
			assert.Equal(t, want, s.post("/csrf", "Origin", "http://localhost:8080", "Host", host), host)
		}
	})

	t.Run("customHeader", func(t *testing.T) {
		t.Parallel()
		s := guarded(t, func(c *csrf.Config) {
			c.CheckHeader("X-CSRF", func(_ *app.Call, value string) bool { return value == "1" })
		})
		assert.Equal(t, http.StatusForbidden, s.post("/csrf"))
		assert.Equal(t, http.StatusForbidden, s.post("/csrf", "X-CSRF", "0"))
		assert.Equal(t, http.StatusOK, s.post("/csrf", "X-CSRF", "1"))
	})

	t.Run("onFailureOverride", func(t *testing.T) {
		t.Parallel()
		s := guarded(t, func(c *csrf.Config) {
			c.CheckHeader("X-CSRF", hasHashOfOrigin)
			c.OnFailure = func(c *app.Call, refused *csrf.RefusedError) error {
				c.SetStatus(refused.StatusCode())
				return c.RespondText("Hands off mah cookies!")
			}
		})
		own := "http://localhost:8080"
		assert.Equal(t, http.StatusOK, s.post("/csrf", "Origin", own, "Host", "localhost:8080", "X-CSRF", hash(own)))
		refused := s.send(http.MethodPost, "/csrf")
		assert.Equal(t, http.StatusForbidden, refused.Code)
		assert.Equal(t, "Hands off mah cookies!", refused.Body.String())
	})

	t.Run("ignoresSafeMethods", func(t *testing.T) {
		t.Parallel()
		s := guarded(t, func(*csrf.Config) {})
		for method, want := range map[string]int{"POST": 403, "PUT": 403, "PATCH": 403, "DELETE": 403, "GET": 200, "HEAD": 200, "OPTIONS": 200} {
			got := s.send(method, "/csrf", "Origin", "http://localhost:8080", "Host", "127.0.0.1:8080").Code
			assert.Equal(t, want, got, method)
		}
	})

	t.Run("onFailureDefaultResponse", func(t *testing.T) {
		t.Parallel()
		var reason string
		s := guarded(t, func(c *csrf.Config) {
			c.CheckHeader("X-CSRF", hasHashOfOrigin)
			c.OnFailure = func(_ *app.Call, refused *csrf.RefusedError) error {
				reason = refused.Reason
				return nil
			}
		})
		refused := s.send(http.MethodPost, "/csrf")
		assert.Equal(t, http.StatusForbidden, refused.Code)
		assert.Equal(t, "Forbidden", refused.Body.String())
		assert.Equal(t, "the header X-CSRF is missing", reason)
	})

	t.Run("worksWithDefaultPort", func(t *testing.T) {
		t.Parallel()
		s := guarded(t, func(c *csrf.Config) { c.RequireOrigin = true })
		answer := s.send(http.MethodPost, "/csrf", "Host", "localhost:80", "Origin", "http://localhost:80")
		assert.Equal(t, http.StatusOK, answer.Code)
		assert.Equal(t, "success", answer.Body.String())
		assert.Equal(t, http.StatusOK, s.post("/csrf", "Host", "localhost:80", "Origin", "http://localhost"))
	})

	// Ktor takes the origins of the machine itself for allowed ones, and says so.
	t.Run("logsWarningWhenMisconfigured", func(t *testing.T) {
		t.Parallel()
		s := guarded(t, func(*csrf.Config) {})
		for _, host := range []string{"localhost", "127.0.0.1", "0.0.0.0"} {
			assert.Equal(t, http.StatusOK, s.post("/csrf", "Host", host, "Origin", "http://"+host))
			assert.Equal(t, http.StatusForbidden, s.post("/csrf", "Host", "example.com", "Origin", "http://"+host))
		}
		assert.Equal(t, http.StatusForbidden, s.post("/csrf", "Host", "localhost", "Origin", "http://website.com"))
	})
}

// hash stands for what a token is made by.
func hash(origin string) string { return "of " + origin }

func hasHashOfOrigin(c *app.Call, value string) bool {
	return value == hash(c.Request.Header.Get("Origin"))
}
