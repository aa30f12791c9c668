package sessionsredis_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sessions"
	sessionsredis "github.com/chitor-go/chitor/plugins/sessions/redis"
	"github.com/chitor-go/chitor/routing"
)

type user struct{ Name string }

var accounts = sessions.New("user", func(o *sessions.Options[user]) {
	o.Owner = func(u user) string { return u.Name }
})

// startNode starts an application that keeps accounts in a storage.
func startNode(t *testing.T, storage *sessionsredis.Storage) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(accounts, func(c *sessions.CookieConfig) { c.Storage = storage })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				u, ok, err := accounts.Get(c)
				if err != nil {
					return err
				}
				if !ok {
					return c.RespondText("nobody")
				}
				return c.RespondText(u.Name)
			})
			r.Get("/login/{name}", func(c *app.Call) error {
				if err := accounts.Set(c, user{c.PathParam("name")}); err != nil {
					return err
				}
				return c.RespondText("welcome")
			})
			r.Get("/logout", func(c *app.Call) error {
				if err := accounts.Clear(c); err != nil {
					return err
				}
				return c.RespondText("bye")
			})
			r.Get("/logout/{name}", func(c *app.Call) error {
				if err := accounts.ClearOwner(c, c.PathParam("name")); err != nil {
					return err
				}
				return c.RespondText("bye")
			})
		})
	})
}

// gets returns the text of a response that is 200, and its cookie if it sets one.
func gets(t *testing.T, node *apptest.Host, path, cookie string) (body, set string) {
	t.Helper()
	response := node.Get(path, apptest.Header("Cookie", "user="+cookie))
	require.Equal(t, http.StatusOK, response.StatusCode)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	for _, one := range response.Cookies() {
		set = one.Value
	}
	return string(text), set
}

// A client goes to any node, and who has logged out of one is logged out of all.
func TestNodesShareSessions(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	one, other := startNode(t, server.node(t)), startNode(t, server.node(t))
	is := func(cookie, want string) {
		t.Helper()
		for _, node := range []*apptest.Host{one, other} {
			text, _ := gets(t, node, "/", cookie)
			require.Equal(t, want, text)
		}
	}
	_, alice := gets(t, one, "/login/alice", "")
	_, phone := gets(t, other, "/login/alice", "")
	_, bob := gets(t, one, "/login/bob", "")
	is(alice, "alice")
	is(phone, "alice")
	is(bob, "bob")
	gets(t, other, "/logout", alice)
	is(alice, "nobody")
	is(phone, "alice")
	gets(t, one, "/logout/alice", bob)
	is(phone, "nobody")
	is(bob, "bob")
	for _, key := range server.admin.Keys(t.Context(), "*").Val() {
		assert.NotContains(t, key, bob)
		assert.NotContains(t, server.admin.Dump(t.Context(), key).Val(), bob, "an ID is nowhere in Redis")
	}
}

// Who asks while Redis is away gets an error, keeps the cookie, and is logged in
// again when Redis is back.
func TestNodeWhoseServerIsKilled(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	client := redis.NewClient(&redis.Options{
		Network: "unix", Addr: server.Socket(), MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
	})
	defer client.Close()
	storage, err := sessionsredis.New(client, func(c *sessionsredis.Config) { c.Timeout = time.Minute })
	require.NoError(t, err)
	node := startNode(t, storage)
	_, cookie := gets(t, node, "/login/alice", "")
	server.Kill(t)
	requireFailures(t, node, cookie, http.StatusInternalServerError)
	server.Start(t)
	require.Eventually(t, func() bool {
		response := node.Get("/", apptest.Header("Cookie", "user="+cookie))
		body, err := io.ReadAll(response.Body)
		return err == nil && string(body) == "alice"
	}, time.Minute, 10*time.Millisecond)
}

func TestNodeWhoseServerIsSilent(t *testing.T) {
	t.Parallel()
	url, _ := silentServer(t)
	storage, err := sessionsredis.Open(url, func(c *sessionsredis.Config) { c.Timeout = 50 * time.Millisecond })
	require.NoError(t, err)
	defer storage.Close(context.Background())
	requireFailures(t, startNode(t, storage), strings.Repeat("A", 26), http.StatusGatewayTimeout)
}

// requireFailures asks for everything, which fails and takes no cookie away.
func requireFailures(t *testing.T, node *apptest.Host, cookie string, want int) {
	t.Helper()
	for _, path := range []string{"/", "/login/bob", "/logout", "/logout/alice"} {
		response := node.Get(path, apptest.Header("Cookie", "user="+cookie))
		require.Equal(t, want, response.StatusCode, path)
		require.Empty(t, response.Header["Set-Cookie"], path)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NotContains(t, string(body), "redis")
	}
}
