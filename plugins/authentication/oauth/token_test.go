package oauth_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
	"github.com/chitor-go/chitor/routing"
)

// refreshes gives a new pair of tokens for each refresh token, once.
func refreshes() func(c *app.Call, form url.Values) error {
	var mu sync.Mutex
	number := 1
	return func(c *app.Call, form url.Values) error {
		mu.Lock()
		defer mu.Unlock()
		if form.Get("refresh_token") != "refresh-"+strconv.Itoa(number) {
			return says(400, "application/json", `{"error":"invalid_grant"}`)(c, form)
		}
		number++
		return respondJSON(c, map[string]any{
			"access_token": "access-" + strconv.Itoa(number), "refresh_token": "refresh-" + strconv.Itoa(number),
			"token_type": "Bearer", "expires_in": 3600,
		})
	}
}

// withTokens adds a route that asks for a token of what is stored.
func withTokens(t *testing.T, stored *oauth2.Token, save func(*oauth2.Token) error, configure ...func(*oauth.Config)) *site {
	t.Helper()
	s := &site{provider: &tokenServer{answer: refreshes()}}
	s.Host = apptest.New(t, apptest.ExternalService(provider, s.provider.module))
	s.flow = oauth.New("test", func(c *oauth.Config) {
		standard(c)
		c.Client = s.Client()
		for _, change := range configure {
			change(c)
		}
	})
	s.Start(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			s.flow.Routes(r)
			r.Get("/token", func(c *app.Call) error {
				source := s.flow.TokenSource(c, stored, save)
				token, err := source.Token()
				if err != nil {
					return err
				}
				if again, err := source.Token(); err != nil || again != token {
					return errors.New("the source forgets")
				}
				return c.RespondText(token.AccessToken)
			})
			r.Get("/me", func(c *app.Call) error {
				user, err := oauth.Fetch[map[string]string](c, s.flow, s.flow.TokenSource(c, stored, save), c.QueryParam("from"))
				if err != nil {
					return err
				}
				return c.RespondText(user["authorization"])
			})
		})
	})
	return s
}

func stale() *oauth2.Token {
	return &oauth2.Token{AccessToken: "access-1", RefreshToken: "refresh-1", Expiry: time.Now().Add(-time.Hour)}
}

func TestTokenSource(t *testing.T) {
	t.Run("a valid one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := withTokens(t, &oauth2.Token{AccessToken: "access-1", Expiry: time.Now().Add(time.Hour)}, nil)
			assertText(t, s.Get("/token"), http.StatusOK, "access-1")
			assert.Empty(t, s.provider.asked())
		})
	})
	t.Run("one that is over", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var saved []*oauth2.Token
			s := withTokens(t, stale(), func(token *oauth2.Token) error { saved = append(saved, token); return nil })
			assertText(t, s.Get("/token"), http.StatusOK, "access-2")
			require.Len(t, saved, 1)
			assert.Equal(t, "refresh-2", saved[0].RefreshToken)
			assert.Equal(t, "clientSecret1", s.provider.asked()[0].Get("client_secret"))
			// A call that has read refresh-1 before refresh-2 was saved.
			time.Sleep(30*time.Second - 1)
			assertText(t, s.Get("/token"), http.StatusOK, "access-2")
			assert.Len(t, s.provider.asked(), 1)
			assert.Len(t, saved, 2)
			// refresh-1 is used up
			time.Sleep(time.Nanosecond)
			assertText(t, s.Get("/token"), http.StatusUnauthorized, "Unauthorized")
		})
	})
	t.Run("one that is soon over again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := withTokens(t, stale(), nil)
			s.provider.answer = says(200, "application/json", `{"access_token":"short","token_type":"Bearer","expires_in":20}`)
			assertText(t, s.Get("/token"), http.StatusOK, "short")
			assertText(t, s.Get("/token"), http.StatusOK, "short")
			assert.Len(t, s.provider.asked(), 1)
			time.Sleep(11 * time.Second) // an expiry counts ten seconds early
			assertText(t, s.Get("/token"), http.StatusOK, "short")
			assert.Len(t, s.provider.asked(), 2)
		})
	})
	t.Run("it cannot be saved", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := withTokens(t, stale(), func(*oauth2.Token) error { return app.NewError(http.StatusConflict, "full") })
			assertText(t, s.Get("/token"), http.StatusConflict, "full")
		})
	})
	t.Run("no refresh token", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := withTokens(t, &oauth2.Token{AccessToken: "x", Expiry: time.Now().Add(-time.Hour)}, nil)
			assert.Equal(t, http.StatusUnauthorized, s.Get("/token").StatusCode)
		})
	})
	t.Run("no token", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			assert.Equal(t, http.StatusUnauthorized, withTokens(t, nil, nil).Get("/token").StatusCode)
		})
	})
	t.Run("the provider is down", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := withTokens(t, stale(), nil)
			s.provider.answer = says(503, "text/plain", secret)
			assertText(t, s.Get("/token"), http.StatusBadGateway, "Bad Gateway")
		})
	})
	t.Run("a mistaken flow", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) {
					r.Get("/", func(c *app.Call) error {
						_, err := oauth.New("test", nil).TokenSource(c, stale(), nil).Token()
						return err
					})
				})
			})
			assert.Equal(t, http.StatusInternalServerError, host.Get("/").StatusCode)
		})
	})
}

// Calls that find the same token stale refresh it once: the second refresh token
// that a provider sees twice may end all of the user's.
func TestOneRefreshForConcurrentCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		saved := 0
		s := withTokens(t, stale(), func(*oauth2.Token) error { mu.Lock(); saved++; mu.Unlock(); return nil })
		inner := s.provider.answer
		s.provider.answer = func(c *app.Call, form url.Values) error {
			time.Sleep(time.Second) // until all have come
			return inner(c, form)
		}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				response, err := s.Client().Get(s.URL + "/token")
				if assert.NoError(t, err) {
					assert.Equal(t, http.StatusOK, response.StatusCode)
					assert.NoError(t, response.Body.Close())
				}
			})
		}
		wg.Wait()
		assert.Len(t, s.provider.asked(), 1)
		assert.Equal(t, 20, saved)
	})
}

func TestFetch(t *testing.T) {
	valid := &oauth2.Token{AccessToken: "access-1", Expiry: time.Now().Add(1000 * time.Hour)}
	for name, test := range map[string]struct {
		token  *oauth2.Token
		from   string
		answer func(*app.Call) error
		status int
		text   string
	}{
		"JSON":            {valid, "/userinfo", nil, 200, "Bearer access-1"},
		"no token":        {nil, "/userinfo", nil, 401, "Unauthorized"},
		"another status":  {valid, "/api", func(c *app.Call) error { return c.RespondStatus(403) }, 502, "Bad Gateway"},
		"another type":    {valid, "/api", func(c *app.Call) error { return c.RespondText(`[1]`) }, 502, "Bad Gateway"},
		"a redirect":      {valid, "/api", func(c *app.Call) error { return c.RespondRedirect("/userinfo") }, 502, "Bad Gateway"},
		"more than 1 MiB": {valid, "/api", func(c *app.Call) error { return c.RespondText("{}" + strings.Repeat(" ", 1<<20)) }, 502, "Bad Gateway"},
		"slow": {valid, "/api", func(c *app.Call) error {
			<-c.Context().Done()
			return c.Context().Err()
		}, 504, "Gateway Timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &site{provider: &tokenServer{answer: gives}}
				s.Host = apptest.New(t, apptest.ExternalService(provider, func(a *app.Application) {
					s.provider.module(a)
					if test.answer != nil {
						routing.Routes(a, func(r *routing.Route) { r.Get("/api", test.answer) })
					}
				}))
				flow := oauth.New("test", func(c *oauth.Config) { standard(c); c.Client = s.Client() })
				s.Start(func(a *app.Application) {
					routing.Routes(a, func(r *routing.Route) {
						r.Get("/me", func(c *app.Call) error {
							user, err := oauth.Fetch[map[string]string](c, flow, flow.TokenSource(c, test.token, nil), provider+test.from+"?key="+secret[:4])
							if err != nil {
								return err
							}
							return c.RespondText(user["authorization"])
						})
					})
				})
				assertText(t, s.Get("/me"), test.status, test.text)
				for _, record := range s.Log() {
					assert.NotContains(t, record.String(), "key="+secret[:4])
					assert.NotContains(t, record.String(), "access-1")
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		s := withTokens(t, valid, nil)
		assert.Equal(t, http.StatusBadGateway, s.Get("/me?from=https://down.example/").StatusCode)
		assert.Equal(t, http.StatusBadGateway, s.Get("/me?from=%25").StatusCode)
	})
}

// Who waits for another's refresh leaves when the client does, and the refresh
// goes on for those that stay.
func TestRefreshThatIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := withTokens(t, stale(), nil)
		inner := s.provider.answer
		s.provider.answer = func(c *app.Call, form url.Values) error {
			time.Sleep(5 * time.Second)
			return inner(c, form)
		}
		get := func(patience time.Duration) int {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/token", http.NoBody)
			if !assert.NoError(t, err) {
				return 0
			}
			response, err := s.Client().Do(request)
			if err != nil {
				return 0
			}
			assert.NoError(t, response.Body.Close())
			return response.StatusCode
		}
		var wg sync.WaitGroup
		for _, patience := range []time.Duration{time.Second, 2 * time.Second, time.Minute} {
			want := http.StatusOK
			if patience < time.Minute {
				want = 0
			}
			wg.Go(func() { assert.Equal(t, want, get(patience), patience) })
			synctest.Wait()
		}
		wg.Wait()
		assert.Len(t, s.provider.asked(), 1)
		assert.Empty(t, s.Log().Find("the call failed").AtLeast(slog.LevelError))
	})
}
