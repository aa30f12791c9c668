package compat_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// TestHTTP2OverTLS asks both sides each probe by HTTP/2 over TLS, with a
// middleware that wraps the writer around them.
func TestHTTP2OverTLS(t *testing.T) {
	row := writerRows()[1]
	for _, probe := range probes() {
		t.Run(probe.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bare := ask(probe, bareOverTLS(t, row))
				ours := ask(probe, chitorOverTLS(t, row))
				check(t, row.difference(probe.name, onApplication), bare, ours)
				if probe.name != "WebSocket" { // which needs HTTP/1.1
					assert.Contains(t, ours, "by HTTP/2")
				}
			})
		})
	}
}

func bareOverTLS(t *testing.T, row middlewareRow) *side {
	s, handler := bareHandler(t, row, onApplication)
	listener, certificate := memnet.Listen(), newCertificate(t)
	s.serve(handler, tls.NewListener(listener, serverTLS(certificate)))
	s.dialTLS(listener, certificate)
	return s
}

func chitorOverTLS(t *testing.T, row middlewareRow) *side {
	s, module := chitorModule(t, row, onApplication)
	listener, certificate := memnet.Listen(), newCertificate(t)
	secure := tls.NewListener(engine.NewListener(listener, 30*time.Second), serverTLS(certificate))
	server := engine.EmbeddedServer(module, engine.Listener(secure), quietly())
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() {
		s.letGo()
		assert.NoError(t, server.Stop(t.Context()))
	})
	s.dialTLS(listener, certificate)
	return s
}

// dialTLS gives the side a client that speaks HTTP/2 over TLS.
func (s *side) dialTLS(listener *memnet.Listener, certificate tls.Certificate) {
	roots := x509.NewCertPool()
	roots.AddCert(certificate.Leaf)
	s.dial(&http.Transport{
		DialContext:       listener.DialContext,
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: tls.VersionTLS13},
	})
	s.url = "https://localhost"
}

func serverTLS(certificate tls.Certificate) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS13,
	}
}

// newCertificate returns a certificate for localhost that signs itself.
func newCertificate(t *testing.T) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(encoded)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{encoded}, PrivateKey: key, Leaf: leaf}
}
