// Mcp serves the Model Context Protocol to agents: one tool, which takes its time
// and tells of its progress. A client that loses its connection resumes, on
// another process too.
//
//	go -C examples/mcp run .
//
// An MCP client needs the address http://localhost:8080/mcp and the token abc123.
// By hand a session begins with initialize, whose answer has the session's ID in a
// header:
//
//	curl -iN --oauth2-bearer abc123 localhost:8080/mcp \
//	  -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \
//	  -d '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{
//	    "protocolVersion":"2025-11-25","capabilities":{},
//	    "clientInfo":{"name":"curl","version":"1"}}}'
//
// The tool's progress arrives as it is made:
//
//	curl -N --oauth2-bearer abc123 localhost:8080/mcp -H "Mcp-Session-Id: $ID" \
//	  -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \
//	  -H 'Mcp-Protocol-Version: 2025-11-25' \
//	  -d '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"count",
//	    "arguments":{"to":10},"_meta":{"progressToken":"p"}}}'
//
// Interrupt that, and read on behind the last event that has come:
//
//	curl -N --oauth2-bearer abc123 localhost:8080/mcp -H "Mcp-Session-Id: $ID" \
//	  -H 'Accept: text/event-stream' -H "Last-Event-ID: $LAST"
//
// With a log that they share, all processes know all sessions, and what was
// interrupted at one is read on from another:
//
//	go -C examples/mcp run . -log embedded://127.0.0.1:4222
//	go -C examples/mcp run . -log nats://127.0.0.1:4222 -port 8081
//
// The first of the two has a NATS server in it, so that nothing needs to be
// installed. Others are named by -log nats://... and -log redis://...
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"log"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/redis/go-redis/v9/logging"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/bearer"
	"github.com/chitor-go/chitor/plugins/csrf"
	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// User is who is calling.
type User struct{ ID string }

// tokens returns who has which token, by its SHA-256 sum.
func tokens() map[[sha256.Size]byte]User {
	return map[[sha256.Size]byte]User{
		sha256.Sum256([]byte("abc123")): {"ada"},
		sha256.Sum256([]byte("def456")): {"grace"},
	}
}

// Module returns the application, whose sessions are those of all processes that
// have the same log. Nil is a log in the memory of this one.
func Module(events sse.Broker) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		known := tokens()
		users := bearer.New("tokens", func(c *bearer.Config[User]) {
			c.Validate = func(_ *app.Call, given bearer.Credential) (User, error) {
				user, ok := known[sha256.Sum256([]byte(given.Token))]
				if !ok {
					return User{}, authentication.ErrInvalidCredentials
				}
				return user, nil
			}
		})
		store := mcphttp.NewStore(a, func(c *mcphttp.StoreConfig) { c.Broker = events })
		handler := mcphttp.NewHandler(a, store, newServer)
		routing.Routes(a, func(r *routing.Route) {
			r.Group(func(r *routing.Route) {
				r.Install(csrf.Plugin) // no page of another site calls tools
				r.Install(authentication.Require(users))
				r.Use(tokenInfo(users))
				r.Mount("/mcp", handler).Install(sse.Adopt)
			})
		})
	}
}

// tokenInfo tells the SDK who is calling: it binds sessions to their users by
// that, and tools find it in their requests.
func tokenInfo(users *authentication.Scheme[User]) func(http.Handler) http.Handler {
	verified := func(ctx context.Context, _ string, _ *http.Request) (*auth.TokenInfo, error) {
		call, ok := app.CallFrom(ctx)
		if !ok {
			return nil, auth.ErrInvalidToken
		}
		return &auth.TokenInfo{UserID: users.Principal(call).ID}, nil
	}
	return auth.RequireBearerToken(verified, &auth.RequireBearerTokenOptions{AllowMissingExpiration: true})
}

func main() {
	logging.Disable() // go-redis prints what the errors say as well
	port := flag.Int("port", 8080, "where to listen")
	events := flag.String("log", "", "share the sessions: embedded://host:port, nats://host:port or redis://host:port")
	flag.Parse()
	if err := run(*port, *events); err != nil {
		log.Fatal(err)
	}
}

func run(port int, address string) error {
	ctx := context.Background()
	events, closeLog, err := open(ctx, address)
	if err != nil {
		return err
	}
	return errors.Join(engine.EmbeddedServer(Module(events), engine.Port(port)).Run(), closeLog(ctx))
}
