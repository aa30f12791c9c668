package apptest

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/memnet"
)

// ExternalService serves module at an address: a scheme, http or https, a host
// and perhaps a port, such as "https://api.example.com". The service is an
// application of its own with a server of its own, on the same network in
// memory, with the configuration of [Configure] and [Properties]. It starts
// before the host and stops after it. Its log goes to the test's output with
// the attribute service. A mistake in it, and a nil module, end the test.
//
// All clients of the host reach it, at exactly that scheme, host and port. The
// test hands that of [Host.Client] to the application, in place of a client
// that reaches the Internet:
//
//	host := apptest.New(t, apptest.ExternalService("https://api.example.com", API))
//	host.Start(Shop(host.Client()))
//
// As soon as there is an external service, a request to any other address fails,
// with an error that lists the addresses there are: those of the services, and
// [Host.URL] with http and https. There is no TLS: the TLS field of a request by
// https is set, and that is all.
//
// Ktor: externalServices.
func ExternalService(address string, module app.Module) Option {
	module = notNil(module, app.Caller(1), "external service: the module is nil")
	return func(s *settings) { s.services = append(s.services, service{address, module}) }
}

// service is an external service that was asked for.
type service struct {
	address string
	module  app.Module
}

// directory knows which node serves an address. Without external services all
// addresses lead to the host.
type directory struct {
	host     *node
	services []*node          // in the order of their options
	entries  map[string]*node // by scheme, host and port
	known    string           // the addresses there are, for errors
}

// newDirectory returns the directory of a host at address and of the external
// services.
func (s *settings) newDirectory(address string, host *node, log slog.Handler) (*directory, error) {
	d := &directory{host: host, entries: map[string]*node{}}
	secure := strings.Replace(address, "http:", "https:", 1)
	d.known = "the host is " + address + " and " + secure + ", external services are "
	for _, own := range []string{address, secure} {
		authority, err := authorityOf(own)
		if err != nil {
			return nil, err
		}
		d.entries[authority] = host
	}
	for i, service := range s.services {
		authority, err := authorityOf(service.address)
		if err != nil {
			return nil, fmt.Errorf("external service: %w", err)
		}
		if d.entries[authority] != nil {
			return nil, fmt.Errorf("external service: %q is taken", service.address)
		}
		listener := memnet.Listen(memnet.Buffer(s.buffer))
		logger := slog.New(log.WithAttrs([]slog.Attr{slog.String("service", service.address)}))
		n := s.newNode("external service "+service.address, service.module, listener, logger)
		n.dialer = listener.Dial
		d.services, d.entries[authority] = append(d.services, n), n
		d.known += strings.Repeat(", ", min(i, 1)) + service.address
	}
	return d, nil
}

// authorityOf returns the scheme, host and port of an address that has nothing
// else.
func authorityOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err // names the address
	}
	port := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	bare := url.URL{Scheme: u.Scheme, Host: u.Host}
	if port == "" || u.Hostname() == "" || strings.TrimSuffix(u.String(), "/") != bare.String() {
		return "", fmt.Errorf("%q is not a scheme, http or https, a host and perhaps a port", address)
	}
	if u.Port() != "" {
		port = u.Port()
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port), nil
}

// find returns the node that serves a host and port.
func (d *directory) find(scheme, address string) (*node, error) {
	authority := scheme + "://" + strings.ToLower(address)
	switch found := d.entries[authority]; {
	case found != nil:
		return found, nil
	case len(d.services) == 0:
		return d.host, nil
	default:
		return nil, fmt.Errorf("nobody answers at %s: %s", authority, d.known)
	}
}
