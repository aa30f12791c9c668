package sessions_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sessions"
)

// header is the plugin with users in a header.
func header(configure func(*sessions.HeaderConfig)) app.Installable {
	return sessions.Plugin.With(func(c *sessions.Config) { c.Header(users, configure) })
}

func TestHeader(t *testing.T) {
	for name, way := range map[string]func(*sessions.HeaderConfig){
		"signed":    func(c *sessions.HeaderConfig) { c.Sign(key(1, 32)) },
		"encrypted": func(c *sessions.HeaderConfig) { c.Encrypt(key(1, 32)) },
		"by ID":     func(c *sessions.HeaderConfig) { c.Storage = sessions.NewMemory() },
	} {
		t.Run(name, func(t *testing.T) {
			host := start(t, header(way))
			response := host.Get("/set/alice")
			assert.Empty(t, response.Header["Set-Cookie"])
			assert.Equal(t, "User", response.Header.Get("Vary"))
			assert.Equal(t, "private", response.Header.Get("Cache-Control"))
			session := apptest.Header("user", response.Header.Get("User"))
			assert.Equal(t, "alice ", text(t, host.Get("/get", session)))
			assert.Empty(t, host.Get("/get", session).Header["User"], "it has not changed")
			response = host.Get("/add/x", session)
			assert.NotEmpty(t, response.Header.Get("User"))
			session = apptest.Header("user", response.Header.Get("User"))
			assert.Equal(t, "alice x", text(t, host.Get("/get", session)))
			response = host.Get("/clear", session)
			assert.Equal(t, []string{""}, response.Header["User"])
			assert.Empty(t, host.Get("/clear").Header["User"], "there is nothing to clear")
			assert.Equal(t, "nobody", text(t, host.Get("/get", apptest.Header("user", ""))))
		})
	}
}

var errTransform = errors.New("cannot transform")

// refusing transforms nothing.
type refusing struct{}

func (refusing) TransformWrite([]byte) ([]byte, error) { return nil, errTransform }
func (refusing) TransformRead([]byte) ([]byte, error)  { return nil, errTransform }

// TestTransformerThatFails: to write is an error, of Set or, by ID, of the response;
// to read is no session.
func TestTransformerThatFails(t *testing.T) {
	for name, test := range map[string]struct {
		storage sessions.Storage
		want    string
	}{
		"by value": {nil, "set session user: transform: cannot transform"},
		"by ID":    {sessions.NewMemory(), "send session user: transform: cannot transform"},
	} {
		t.Run(name, func(t *testing.T) {
			plugin := cookie(func(c *sessions.CookieConfig) { c.Storage = test.storage; c.Transform(refusing{}) })
			host := start(t, plugin, apptest.Configure(func(c *app.Config) { c.Development = true }))
			response := host.Get("/set/alice")
			assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
			assert.Equal(t, test.want, text(t, response))
			assert.Nil(t, sent(t, response, "user"))
			nobody(t, host, "AAAA")
		})
	}
}
