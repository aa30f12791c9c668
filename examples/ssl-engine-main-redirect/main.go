// Ssl-engine-main-redirect is Ktor's sample of that name: who comes by http is
// sent to https.
//
// The configuration, which is Ktor's, names a key store in the directory that
// the program is started in. Keytool makes one, and so does OpenSSL:
//
//	openssl req -x509 -newkey rsa:2048 -nodes -days 3 -subj /CN=localhost \
//	  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem
//	openssl pkcs12 -export -name sampleAlias -passout pass:foobar \
//	  -inkey key.pem -in cert.pem -out keystore.jks
package main

import (
	"embed"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/httpsredirect"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// Module is the application.
func Module(a *app.Application) {
	a.Install(httpsredirect.Plugin.With(func(c *httpsredirect.Config) {
		c.SSLPort = 8443
		c.PermanentRedirect = true
	}))
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
	})
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.module": Module}, engine.Resources(resources))
}
