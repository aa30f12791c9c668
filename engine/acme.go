package engine

import (
	"context"
	"crypto/tls"
	"net/http"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/wire"
)

// ACMEConfig says which certificates [ACME] asks for, and whom.
type ACMEConfig struct {
	// Hosts are the names that certificates are asked for. A client that asks
	// for another one is refused. Required, unless HostPolicy is set.
	Hosts []string
	// HostPolicy, in place of Hosts, decides when a client asks for a name: nil
	// lets a certificate be asked for. It may be called concurrently.
	HostPolicy func(ctx context.Context, host string) error
	// CacheDirectory is where certificates and the account's key are kept,
	// readable for this user alone; it is made if it is missing. Required:
	// authorities limit how often they issue one.
	CacheDirectory string
	// AcceptTerms says that you accept the terms of the authority. Required.
	AcceptTerms bool
	// Email is where the authority may write to about a certificate; optional.
	Email string
	// DirectoryURL is that of the authority: Let's Encrypt by default.
	DirectoryURL string
	// HTTPClient asks the authority; by default, and for nil,
	// http.DefaultClient.
	HTTPClient *http.Client
}

// ACME is a certificate that an authority issues for nothing, such as Let's
// Encrypt (RFC 8555): for each name when its first client connects, which waits
// for it, and again 30 days before it ends. The configuration has no defaults
// but the authority: it needs hosts, a directory and your consent, and what is
// missing is a mistake that [Server.Start] returns.
//
// The authority has to reach this server by each name: at port 443 by TLS
// (TLS-ALPN-01, RFC 8737), or at port 80, if there is a connector without TLS
// behind it (HTTP-01). The server answers below /.well-known/acme-challenge/
// itself then.
func ACME(configure func(*ACMEConfig)) Certificate {
	site := app.Caller(1)
	if configure == nil {
		return Certificate{mistakes: []mistakeAt{{site, "ACME: the configuration function is nil"}}}
	}
	config := ACMEConfig{DirectoryURL: acme.LetsEncryptURL}
	configure(&config)
	made := Certificate{open: config.open}
	for _, text := range config.missing() {
		made.mistakes = append(made.mistakes, mistakeAt{site, "ACME: " + text})
	}
	return made
}

func (c *ACMEConfig) missing() (texts []string) {
	switch {
	case len(c.Hosts) == 0 && c.HostPolicy == nil:
		texts = append(texts, "Hosts is empty: name the hosts that certificates are asked for")
	case len(c.Hosts) > 0 && c.HostPolicy != nil:
		texts = append(texts, "both Hosts and HostPolicy are set")
	}
	if c.CacheDirectory == "" {
		texts = append(texts, "CacheDirectory is empty: without it each start asks for new certificates")
	}
	if !c.AcceptTerms {
		texts = append(texts, "AcceptTerms is false: the authority issues nothing before its terms are accepted")
	}
	return texts
}

func (c *ACMEConfig) open(around surroundings) (*tls.Config, error) {
	manager := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(c.CacheDirectory),
		HostPolicy: c.HostPolicy,
		Email:      c.Email,
		Client:     &acme.Client{DirectoryURL: c.DirectoryURL, HTTPClient: c.HTTPClient, UserAgent: "chitor"},
	}
	if c.HostPolicy == nil {
		manager.HostPolicy = autocert.HostWhitelist(c.Hosts...)
	}
	around.challenge(manager.HTTPHandler)
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: manager.GetCertificate,
		NextProtos:     []string{acme.ALPNProto}, // those of HTTP are added
	}, nil
}

// answerChallenges returns application behind what answers the authorities.
func (s *Server) answerChallenges(application http.Handler) http.Handler {
	for _, challenge := range s.challenges {
		application = &wire.Front{Handler: challenge(application), Next: application}
	}
	return application
}
