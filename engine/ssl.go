package engine

import (
	"cmp"
	"errors"
	"strings"

	"github.com/chitor-go/chitor/app"
)

const sslPath = "ktor.security.ssl"

// ssl is what a configuration may say at ktor.security.ssl, about the connector of
// ktor.deployment.sslPort.
type ssl struct {
	KeyStore           string
	KeyAlias           string
	KeyStorePassword   string
	PrivateKeyPassword string
	TrustStore         string
	TrustStorePassword string
	EnabledProtocols   []string

	// Files in PEM in place of the key store. Not in Ktor.
	Certificate, PrivateKey string

	at address
}

// sslOf reads ktor.security.ssl. Without a port it is not needed, and not looked
// at any further: the result is nil.
func sslOf(properties app.Properties) (*ssl, error) {
	l := new(ssl)
	if err := properties.Decode(sslPath, l); err != nil {
		return nil, err
	}
	var deployed deployment
	_ = properties.Decode(deploymentPath, &deployed) // an error is reported where it was loaded
	if deployed.SSLPort == nil {
		return nil, nil
	}
	l.at = address{cmp.Or(deployed.Host, defaultHost), int(*deployed.SSLPort)}
	const portPath = deploymentPath + ".sslPort"
	needs := func(name string) error { return wrongAt(properties, portPath, "it needs "+sslPath+"."+name) }
	switch {
	case l.KeyStore == "" && l.Certificate == "":
		return nil, needs("keyStore, or certificate and privateKey")
	case l.KeyStore != "" && l.Certificate != "":
		return nil, wrongAt(properties, sslPath+".certificate", "there is a keyStore as well: one of them has to go")
	case l.Certificate != "" && l.PrivateKey == "":
		return nil, needs("privateKey, since there is a certificate")
	case l.KeyStore != "" && l.KeyStorePassword == "":
		return nil, needs("keyStorePassword, since there is a keyStore")
	}
	return l, nil
}

// apply gives the server the connector, in place of one that another file has
// asked for. Unknown protocols are mistakes at site.
func (l *ssl) apply(s *Server, site app.Site) {
	secured := &security{certificate: l.certificate()}
	if l.TrustStore != "" {
		ClientCertificates(l.TrustStore, strings.TrimSpace(l.TrustStorePassword))(secured)
	}
	if l.EnabledProtocols != nil {
		tlsProtocols(site, l.EnabledProtocols)(secured)
	}
	for _, made := range secured.mistakes {
		s.application.FailAt(made.site, errors.New(sslPath+".enabledProtocols: "+made.text))
	}
	s.secure = &connector{place: &l.at, security: secured}
}

// certificate returns the certificate. Passwords are trimmed, as in Ktor.
func (l *ssl) certificate() Certificate {
	if l.Certificate != "" {
		return PEM(l.Certificate, l.PrivateKey)
	}
	return KeyStore(l.KeyStore, strings.TrimSpace(l.KeyStorePassword), func(c *KeyStoreConfig) {
		if l.KeyAlias != "" {
			c.Alias = l.KeyAlias
		}
		c.PrivateKeyPassword = strings.TrimSpace(l.PrivateKeyPassword)
	})
}
