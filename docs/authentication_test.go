package docs_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/authtest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// A User is who calls.
type User struct {
	ID    string
	Admin bool
}

// users stands for any scheme: a passport says until when it holds.
var users = authentication.New("users", authentication.Provider[User]{
	Authenticate: func(c *app.Call) (User, error) {
		end, err := time.Parse(time.RFC3339, c.Request.Header.Get("Passport"))
		if err != nil {
			return User{}, authentication.ErrNoCredentials
		}
		authentication.HoldsUntil(c, end)
		return User{ID: "passenger"}, nil
	},
})

var errLoggedOut = errors.New("the user has logged out")

func streamsOfUsers(a *app.Application) {
	a.Install(sse.Plugin.With(func(c *sse.Config) {
		c.Until = authentication.Until
		c.LastEvent = func(_ *sse.Session, cause error) sse.Event {
			switch {
			case errors.Is(cause, sse.ErrExpired):
				return sse.Event{Event: "expired"}
			case errors.Is(cause, errLoggedOut):
				return sse.Event{Event: "logged-out"}
			default:
				return sse.Event{} // nothing
			}
		}
	}))
	routing.Routes(a, func(r *routing.Route) {
		r.Install(authentication.Require(users))
		r.SSE("/events", func(s *sse.Session) error {
			if err := s.SendText("hello"); err != nil {
				return err
			}
			return s.Delay(24 * time.Hour)
		})
		r.Post("/logout", func(c *app.Call) error {
			streams, _ := sse.SessionsOf(c.Scope())
			for s := range streams.All() {
				if other, known := users.Get(s.Call()); known && other.ID == users.Principal(c).ID {
					s.End(errLoggedOut)
				}
			}
			return c.RespondStatus(http.StatusNoContent)
		})
	})
}

// TestStreamsOfUsers: they end with the credentials, and at the log-out, also
// those of other tabs and devices, and nobody else's.
func TestStreamsOfUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, streamsOfUsers)
		assert.Equal(t, http.StatusUnauthorized, host.Get("/events").StatusCode)

		passport := apptest.Header("Passport", time.Now().Add(time.Hour).Format(time.RFC3339))
		began := time.Now()
		assert.Equal(t, "data: hello|event: expired\ndata: |", blocks(apptest.Text(t, host.Get("/events", passport))))
		assert.Equal(t, time.Hour, time.Since(began))

		tab, phone, bob := authtest.As(host, users, User{ID: "ann"}), authtest.As(host, users, User{ID: "ann"}), authtest.As(host, users, User{ID: "bob"})
		ofTab, ofPhone, ofBob := tab.Get("/events"), phone.Get("/events"), bob.Get("/events")
		ssetest.Take(t, ofBob.Body, 1)
		require.Equal(t, http.StatusNoContent, tab.Post("/logout", "text/plain", http.NoBody).StatusCode)
		for _, response := range []*http.Response{ofTab, ofPhone} {
			assert.Equal(t, "data: hello|event: logged-out\ndata: |", blocks(apptest.Text(t, response)))
		}
		synctest.Wait()
		streams, _ := sse.SessionsOf(host.Application())
		assert.Equal(t, 1, streams.Stats().Open)
	})
}
