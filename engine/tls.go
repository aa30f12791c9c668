package engine

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/watched"
)

// TLSConnector adds a connector that speaks TLS 1.2 and 1.3, unless a [TLSConfig]
// says otherwise: HTTP/2, or HTTP/1.1 with clients that do not speak that. An
// empty host is every interface, port 0 any free port. [Server.Start] fails if
// there is no certificate.
//
//	engine.TLSConnector("0.0.0.0", 8443, engine.PEM("server.pem", "server.key"),
//		engine.ClientCertificates("clients.pem", ""))
//
// Ktor: sslConnector.
func TLSConnector(host string, port int, certificate Certificate, options ...TLSOption) Option {
	secured := &security{certificate: certificate}
	for i, option := range options {
		if option == nil {
			return mistake(app.Caller(1), fmt.Sprintf("TLS: option %d is nil", i+1))
		}
		option(secured)
	}
	return func(s *Server) {
		for _, made := range slices.Concat(certificate.mistakes, secured.mistakes) {
			s.application.FailAt(made.site, errors.New(made.text))
		}
		s.further = append(s.further, connector{place: &address{host, port}, security: secured})
	}
}

// A TLSOption changes a [TLSConnector]. A nil one is a mistake that
// [Server.Start] returns.
type TLSOption func(*security)

// ClientCertificates asks clients for a certificate that leads to one of a trust
// store, and refuses those that have none. A handler finds it in
// c.Request.TLS.PeerCertificates. The file has certificates in PEM, or is a key
// store in PKCS#12 with this password, of which all certificates count; it is
// found, and read again when it changes, like that of a [Certificate].
//
// Ktor: trustStore.
func ClientCertificates(trustStore, password string) TLSOption {
	return askClients(tls.RequireAndVerifyClientCert, trustStore, password)
}

// OptionalClientCertificates is [ClientCertificates] for a connector that serves
// clients without a certificate too. One that leads nowhere is refused.
func OptionalClientCertificates(trustStore, password string) TLSOption {
	return askClients(tls.VerifyClientCertIfGiven, trustStore, password)
}

func askClients(how tls.ClientAuthType, trustStore, password string) TLSOption {
	// What reads key stores is part of those programs alone that ask for it here.
	return func(s *security) {
		s.clients = how
		s.trust = func(files watched.Files) (trusted, error) {
			if trustStore == "" {
				return nil, errors.New("client certificates: the name of the trust store is empty")
			}
			return watched.Read(files, func(contents [][]byte) (*x509.CertPool, error) {
				return parseTrustStore(trustStore, contents[0], password)
			}, trustStore)
		}
	}
}

// TLSProtocols sets which versions of TLS a connector speaks: TLSv1.2, TLSv1.3, or
// both, which is the default. Others are too weak, and a mistake, as an unknown
// name and no name at all are.
//
// Ktor: enabledProtocols.
func TLSProtocols(names ...string) TLSOption { return tlsProtocols(app.Caller(1), names) }

// tlsProtocols is [TLSProtocols] with names that stand in a line elsewhere.
func tlsProtocols(site app.Site, names []string) TLSOption {
	return func(s *security) {
		known := map[string]uint16{"TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13}
		if len(names) == 0 {
			s.mistakes = append(s.mistakes, mistakeAt{site, "TLS protocols: none is named"})
		}
		var versions []uint16
		for _, name := range names {
			version, ok := known[name]
			if !ok {
				s.mistakes = append(s.mistakes, mistakeAt{site, fmt.Sprintf("TLS protocols: %q is unknown or too weak, there are TLSv1.2 and TLSv1.3", name)})
				continue
			}
			versions = append(versions, version)
		}
		if len(versions) > 0 {
			s.oldest, s.newest = slices.Min(versions), slices.Max(versions)
		}
	}
}

// security is what a connector with TLS was told.
type security struct {
	certificate    Certificate
	oldest, newest uint16 // versions of TLS; 0 for what the certificate's configuration says

	clients tls.ClientAuthType
	trust   func(watched.Files) (trusted, error) // nil without client certificates

	mistakes []mistakeAt
}

// load returns the configuration of a connector.
func (s *security) load(around surroundings) (*tls.Config, error) {
	if s.certificate.open == nil {
		return nil, errNoCertificate
	}
	config, err := s.certificate.open(around)
	if err != nil {
		return nil, err
	}
	if config.GetConfigForClient != nil && (s.oldest != 0 || s.clients != tls.NoClientCert) {
		return nil, errors.New("GetConfigForClient decides by itself about versions and client certificates, " +
			"so that no option of the connector can: remove one of them")
	}
	if s.oldest != 0 {
		config.MinVersion, config.MaxVersion = s.oldest, s.newest
	}
	if s.trust == nil {
		return config, nil
	}
	trusted, err := s.trust(around.files)
	if err != nil {
		return nil, err
	}
	config.ClientAuth, config.ClientCAs = s.clients, trusted.Get()
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		now := trusted.Get()
		if now == config.ClientCAs {
			return nil, nil // which means config
		}
		changed := config.Clone()
		changed.ClientCAs, changed.GetConfigForClient = now, nil
		return changed, nil
	}
	return config, nil
}

// trusted is a trust store, read again when it changes.
type trusted = *watched.Value[*x509.CertPool]

// parseTrustStore returns the certificates of a trust store.
func parseTrustStore(file string, content []byte, password string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if bytes.Contains(content, []byte("-----BEGIN ")) {
		if !pool.AppendCertsFromPEM(content) {
			return nil, fmt.Errorf("trust store %s: no certificate is in it", file)
		}
		return pool, nil
	}
	store, err := openKeyStore(file, content, password)
	if err != nil {
		return nil, fmt.Errorf("trust store: %w", err)
	}
	for _, certificate := range store.Certificates() {
		pool.AddCert(certificate)
	}
	return pool, nil
}

// offer makes config offer these protocols of HTTP, if it names none itself.
func offer(config *tls.Config, protocols ...string) {
	named := slices.ContainsFunc(config.NextProtos, func(name string) bool {
		return name == "h2" || strings.HasPrefix(name, "http/")
	})
	if !named {
		config.NextProtos = slices.Concat(protocols, config.NextProtos)
	}
}
