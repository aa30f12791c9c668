package impersonation

import (
	"crypto/rand"
	"sync"

	"github.com/chitor-go/chitor/app"
)

// Header names who a request of a test is from, by what Add has returned.
const Header = "Chitor-Test-Principal"

type people struct {
	mu      sync.RWMutex
	byToken map[string]person
}

type person struct{ scheme, principal any }

var key = app.NewKey[*people]("authentication.impersonation")

// Add makes requests with the token that it returns be from principal, for that
// scheme alone. It is called by one goroutine at a time.
func Add(a *app.Application, scheme, principal any) (token string) {
	known, ok := key.Get(a)
	if !ok {
		known = &people{byToken: map[string]person{}}
		key.Set(a, known)
	}
	token = rand.Text()
	known.mu.Lock()
	defer known.mu.Unlock()
	known.byToken[token] = person{scheme, principal}
	return token
}

// Of returns who the call is from, for that scheme.
func Of(c *app.Call, scheme any) (principal any, ok bool) {
	tokens := c.Request.Header[Header]
	if len(tokens) != 1 {
		return nil, false
	}
	known, ok := key.Get(c.Application())
	if !ok {
		return nil, false
	}
	known.mu.RLock()
	defer known.mu.RUnlock()
	found, ok := known.byToken[tokens[0]]
	if !ok || found.scheme != scheme {
		return nil, false
	}
	return found.principal, true
}
