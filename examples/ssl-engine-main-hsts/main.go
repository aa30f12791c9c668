// Ssl-engine-main-hsts is Ktor's sample of that name: browsers are told to come
// by https.
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
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/hsts"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// Module is the application. As in Ktor the header is sent at port 443 alone:
// behind a proxy that listens there, or with another sslPort.
func Module(a *app.Application) {
	a.Install(hsts.Plugin.With(func(c *hsts.Config) {
		c.MaxAge = 10 * time.Second
		c.WithHost("sample-host", func(h *hsts.HostConfig) {
			h.MaxAge = 60 * time.Second
			h.IncludeSubDomains = false
		})
	}))
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
	})
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.module": Module}, engine.Resources(resources))
}
