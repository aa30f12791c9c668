package apptest

import (
	"context"
	"net"
	"net/http"
	"net/http/cookiejar"
)

// A Client reaches a [Host], over connections of its own. [Host.NewClient]
// makes it; the zero Client is of no use. What it sends by its methods belongs
// to the goroutine of the test, as with [Host]; goroutines of the test, and the
// application, use [Client.HTTP]. It answers to what Ktor's createClient
// returns.
type Client struct {
	host *Host
	http *http.Client
}

// A ClientOption changes a client before it is used. Any function of that shape
// is one:
//
//	host.NewClient(func(c *http.Client) { c.Timeout = time.Second })
//
// The Transport it finds is an [*http.Transport]; to see each request, replace
// it by a [http.RoundTripper] around it.
type ClientOption func(*http.Client)

// NewClient returns a further client, a second user for instance, with none of
// the cookies and connections of the others. Without options it is as
// [Host.Client] is at first. Its connections are closed when the test ends.
// Ktor: createClient.
func (h *Host) NewClient(options ...ClientOption) *Client {
	h.t.Helper()
	c := &Client{h, &http.Client{Transport: h.transport()}}
	h.t.Cleanup(c.http.CloseIdleConnections)
	for _, option := range options {
		option(c.http)
	}
	transport, ok := c.http.Transport.(*http.Transport)
	if ok && transport.Protocols != nil && transport.Protocols.UnencryptedHTTP2() && !h.http2 {
		h.t.Fatalf("new client: it speaks HTTP/2 and the host does not: start that with the option H2C")
	}
	return c
}

// transport returns what finds the host and the external services by the
// address that a request goes to.
func (h *Host) transport() *http.Transport {
	dial := func(scheme string) func(ctx context.Context, _, address string) (net.Conn, error) {
		return func(ctx context.Context, _, address string) (net.Conn, error) {
			n, err := h.directory.find(scheme, address)
			if err != nil {
				return nil, err
			}
			return n.dial(ctx, scheme == "https")
		}
	}
	return &http.Transport{
		DialContext:        dial("http"),
		DialTLSContext:     dial("https"),
		DisableCompression: true,
		Protocols:          protocols(h.http2),
	}
}

// HTTP returns the client as package net/http knows it. It may be changed and
// used from any goroutine, and who uses it closes the bodies of its responses.
func (c *Client) HTTP() *http.Client { return c.http }

// Cookies lets a client keep cookies, as Ktor's HttpCookies does.
func Cookies() ClientOption {
	return func(c *http.Client) { c.Jar, _ = cookiejar.New(nil) } // it has no error to return
}

// NoRedirects lets a client return redirects in place of following them: Ktor's
// followRedirects = false.
func NoRedirects() ClientOption {
	return func(c *http.Client) {
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
}

// HTTPVersion lets a client speak HTTP/2 if major is 2, without TLS and only
// with a host that was started with [H2C], and HTTP/1.1 otherwise. By default a
// client speaks what the host was started with. It has no effect after an
// option that has replaced the Transport.
func HTTPVersion(major int) ClientOption {
	return func(c *http.Client) {
		if transport, ok := c.Transport.(*http.Transport); ok {
			transport.Protocols = protocols(major == 2)
		}
	}
}

func protocols(http2 bool) *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(!http2)
	p.SetUnencryptedHTTP2(http2)
	return p
}
