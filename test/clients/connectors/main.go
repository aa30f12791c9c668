package main

import (
	"log/slog"
	"os"
	"path/filepath"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// Module answers with the version of HTTP and the name of the client.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			name := "nobody"
			if state := c.Request.TLS; state != nil && len(state.PeerCertificates) > 0 {
				name = state.PeerCertificates[0].Subject.CommonName
			}
			return c.RespondText(c.Request.Proto + " " + name + "\n")
		})
	})
}

func main() {
	in := func(name string) string { return filepath.Join(os.Getenv("FOLDER"), name) }
	server := engine.EmbeddedServer(Module,
		engine.HTTP2Cleartext(),
		engine.Connector("127.0.0.1", 0),
		engine.UnixSocket(in("http.sock"), 0o600),
		engine.TLSConnector("127.0.0.1", 0, engine.KeyStore(in("store.p12"), "changeit"),
			engine.OptionalClientCertificates(in("clients.pem"), "")),
		engine.TLSConnector("127.0.0.1", 0, engine.KeyStore(in("store.p12"), "changeit"),
			engine.ClientCertificates(in("clients.pem"), ""), engine.TLSProtocols("TLSv1.3")))
	if err := server.Run(); err != nil {
		server.Application().Logger().Error("the server has failed", slog.Any("error", err))
		os.Exit(1) //nolint:forbidigo // a main function ends its program
	}
}
