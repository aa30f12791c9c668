package engine

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// generatedLifetime is how long a generated certificate is valid.
const generatedLifetime = 30 * 24 * time.Hour

// GeneratedCertificate is a certificate for development, which is made when the
// server starts and nowhere kept: for localhost, 127.0.0.1, ::1, and these names
// and addresses. It is signed by itself, so that no client trusts it before it is
// told to (curl -k), and the start logs a warning. It is valid for 30 days, and
// made anew when the server runs longer. Never use it in production.
//
// Ktor: buildKeyStore, generateCertificate.
func GeneratedCertificate(hosts ...string) Certificate {
	hosts = slices.Concat([]string{"localhost", "127.0.0.1", "::1"}, hosts)
	return Certificate{open: func(around surroundings) (*tls.Config, error) {
		first, err := generate(hosts)
		if err != nil {
			return nil, err
		}
		around.logger.Warn("a certificate was generated for development: no client trusts it, and it must not be used in production",
			"hosts", strings.Join(hosts, ", "), "until", first.Leaf.NotAfter)
		made := &generated{hosts: hosts, current: first}
		return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: made.get}, nil
	}}
}

// generated is the certificate of a server that is never too old.
type generated struct {
	hosts []string

	mu      sync.Mutex // guards current
	current *tls.Certificate
}

func (g *generated) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if time.Until(g.current.Leaf.NotAfter) < 24*time.Hour {
		next, err := generate(g.hosts)
		if err != nil {
			return nil, err
		}
		g.current = next
	}
	return g.current, nil
}

// generate returns a new certificate for names and addresses.
func generate(hosts []string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate certificate: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("generate certificate: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: hosts[0], Organization: []string{"generated for development"}},
		NotBefore:    now.Add(-time.Minute), // clocks differ
		NotAfter:     now.Add(generatedLifetime),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("generate certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("generate certificate: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}
