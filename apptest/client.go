package apptest

import (
	"context"
	"net"
	"net/http"
	"net/http/cookiejar"
)

// A Client reaches a [Host], over connections of its own. [Host.NewClient]
// makes it; the zero Client is of no use. Only the goroutine of the test may
// call its methods, as with [Host]; other goroutines, and the application, use
// [Client.HTTP].
//
// Ktor: HttpClient, as createClient returns it.
type Client struct {
	host *Host
	http *http.Client
}

// A ClientOption changes a client before it is used. Any function of that type
// is one; nil ends the test:
//
//	host.NewClient(func(c *http.Client) { c.Timeout = time.Second })
//
// The client's Transport is an [*http.Transport]; to see each request, put an
// [http.RoundTripper] around it.
type ClientOption func(*http.Client)

// NewClient returns a further client, a second user for instance, which shares
// neither cookies nor connections with the others. Without options it is like
// that of [Host.Client]. Its connections are closed when the test ends.
//
// Ktor: createClient.
func (h *Host) NewClient(options ...ClientOption) *Client {
	h.t.Helper()
	c := &Client{h, &http.Client{Transport: h.transport()}}
	h.t.Cleanup(c.http.CloseIdleConnections)
	for i, option := range options {
		if option == nil {
			h.t.Fatalf("new client: option %d is nil", i+1)
		}
		option(c.http)
	}
	transport, ok := c.http.Transport.(*http.Transport)
	if ok && transport.Protocols != nil && transport.Protocols.UnencryptedHTTP2() && !h.http2 {
		h.t.Fatalf("new client: it speaks HTTP/2 and the host does not: start the host with the option H2C")
	}
	return c
}

// transport returns a transport that finds the host and the external services by
// the address of a request.
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

// HTTP returns the client of net/http. It may be used from any goroutine, and
// may be changed before that. The caller closes the bodies of its responses.
func (c *Client) HTTP() *http.Client { return c.http }

// Cookies makes a client keep cookies.
//
// Ktor: HttpCookies.
func Cookies() ClientOption {
	return func(c *http.Client) { c.Jar, _ = cookiejar.New(nil) } // it has no error to return
}

// NoRedirects makes a client return redirects instead of following them.
//
// Ktor: followRedirects = false.
func NoRedirects() ClientOption {
	return func(c *http.Client) {
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
}

// HTTPVersion makes a client speak HTTP/2 if major is 2, without TLS and only
// with a host that was started with [H2C], and HTTP/1.1 otherwise. By default a
// client speaks the version that the host was started with. It has no effect
// after an option that has replaced the Transport.
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
