package http3_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"

	quichttp3 "github.com/quic-go/quic-go/http3"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/engine/http3"
	"github.com/chitor-go/chitor/routing"
)

func Example() {
	module := func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText("Hello over " + c.Request.Proto) })
		})
	}
	server := engine.EmbeddedServer(module, quiet,
		engine.TLSConnector("127.0.0.1", 0, engine.GeneratedCertificate()),
		http3.Transport())
	if err := server.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = server.Stop(context.Background()) }()

	transport := &quichttp3.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer func() { _ = transport.Close() }()
	response, err := (&http.Client{Transport: transport}).Get("https://" + server.Addrs()[1].String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	fmt.Println(string(text), err)
	// Output: Hello over HTTP/3.0 <nil>
}
