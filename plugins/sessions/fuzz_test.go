package sessions_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

// FuzzEnvelope: what can be read is written as it was, but for numbers that were
// longer than they need be.
func FuzzEnvelope(f *testing.F) {
	for _, seed := range []string{"", "\x01", "\x01\x00\x00", "\x01\x80\x01\x05x", "\x01\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", "\x02\x00\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		again := sessions.Envelope(data)
		if again == nil {
			return
		}
		require.LessOrEqual(t, len(again), len(data))
		assert.Equal(t, again, sessions.Envelope(again))
	})
}

// FuzzCookie: whatever a client sends is a session that was issued, or none. The
// keys are those of a process, which has issued what it says.
func FuzzCookie(f *testing.F) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	issue := func(way func(*sessions.CookieConfig)) (*app.Application, string) {
		application := app.New(installed(cookie(way)), func(a *app.Application) { routing.Routes(a, service) })
		require.NoError(f, application.Start(f.Context()))
		f.Cleanup(func() { assert.NoError(f, application.Stop(f.Context())) })
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/set/alice", http.NoBody))
		return application, recorder.Result().Cookies()[0].Value
	}
	var applications []*app.Application
	issued := map[string]bool{}
	for _, way := range []func(*sessions.CookieConfig){
		func(c *sessions.CookieConfig) { c.Sign(secret) }, func(c *sessions.CookieConfig) { c.Encrypt(secret) }, in(sessions.NewMemory()),
		func(c *sessions.CookieConfig) { c.Encrypt(secret); c.Sign(secret); c.Storage = sessions.NewMemory() },
	} {
		application, value := issue(way)
		applications = append(applications, application)
		issued[value] = true
		f.Add(value)
	}
	f.Add(`"; user=x; "`)
	known := regexp.MustCompile(`^[A-Za-z0-9_-]+`)
	f.Fuzz(func(t *testing.T, value string) {
		request := httptest.NewRequest(http.MethodGet, "/get", http.NoBody)
		request.Header["Cookie"] = []string{"user=" + value}
		sent := known.FindString(sessions.CookieValue(request.Header["Cookie"], "user"))
		for _, application := range applications {
			recorder := httptest.NewRecorder()
			application.ServeHTTP(recorder, request)
			require.Equal(t, http.StatusOK, recorder.Code)
			if !issued[sent] {
				require.Equal(t, "nobody", recorder.Body.String())
			}
		}
	})
}

// FuzzCookieValue: what net/http reads of a session, we do.
func FuzzCookieValue(f *testing.F) {
	for _, seed := range []string{
		"user=abc", "a=1; user=abc; b=2", "user = abc", "user=\"abc\"", "user; user=abc", "xuser=1;user=abc", ";;user=abc;", "user=;user=abc", "USER=abc", "\nuser=a", "user=1\";user=0",
	} {
		f.Add(seed)
	}
	plain := regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	f.Fuzz(func(t *testing.T, line string) {
		request := http.Request{Header: http.Header{"Cookie": {line}}}
		got := sessions.CookieValue(request.Header["Cookie"], "user")
		want, err := request.Cookie("user")
		alone := strings.Count(line, "user") == 1 // net/http passes over one that is broken
		if err == nil && plain.MatchString(want.Value) && alone {
			require.Equal(t, want.Value, got)
		}
	})
}
