package engine_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/acme"
)

// authority issues certificates: as a test asks for them, and by ACME (RFC 8555),
// as much as autocert needs of that. It asks one kind of question.
type authority struct {
	t           *testing.T
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	roots       *x509.CertPool

	url       string
	challenge string // tls-alpn-01 or http-01
	plain     string // where names are for http-01
	secure    string // and for tls-alpn-01

	mu     sync.Mutex // guards what follows
	host   string
	valid  bool
	chain  []byte
	issued int
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(365 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return &authority{t: t, key: key, certificate: certificate, roots: roots}
}

// sign returns a certificate for a name and a public key.
func (a *authority) sign(name string, public any) []byte {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
		DNSNames: []string{name}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, public, a.key)
	require.NoError(a.t, err)
	return der
}

// issue returns a certificate for a name.
func (a *authority) issue(name string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(a.t, err)
	der := a.sign(name, key.Public())
	leaf, err := x509.ParseCertificate(der)
	require.NoError(a.t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// pem returns the certificate of the authority.
func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// serve begins to answer by ACME.
func (a *authority) serve() {
	server := httptest.NewServer(http.HandlerFunc(a.answer))
	a.t.Cleanup(server.Close)
	a.url = server.URL
}

func (a *authority) answer(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Replay-Nonce", "nonce")
	reply := func(status int, value any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		assert.NoError(a.t, json.NewEncoder(w).Encode(value))
	}
	order := func() map[string]any {
		state := "pending"
		switch {
		case a.chain != nil:
			state = "valid"
		case a.valid:
			state = "ready"
		}
		return map[string]any{
			"status": state, "authorizations": []string{a.url + "/authz"}, "finalize": a.url + "/finalize", "certificate": a.url + "/certificate",
			"identifiers": []any{map[string]string{"type": "dns", "value": a.host}},
		}
	}
	switch r.URL.Path {
	case "/nonce":
	case "/directory":
		reply(http.StatusOK, map[string]any{
			"newNonce": a.url + "/nonce", "newAccount": a.url + "/account", "newOrder": a.url + "/order",
			"meta": map[string]string{"termsOfService": a.url + "/terms"},
		})
	case "/account":
		w.Header().Set("Location", a.url+"/account/1")
		reply(http.StatusCreated, map[string]string{"status": "valid"})
	case "/order":
		var asked struct{ Identifiers []struct{ Value string } }
		a.payload(r, &asked)
		a.host, a.valid, a.chain = asked.Identifiers[0].Value, false, nil
		w.Header().Set("Location", a.url+"/order/1")
		reply(http.StatusCreated, order())
	case "/order/1":
		reply(http.StatusOK, order())
	case "/authz":
		state := "pending"
		if a.valid {
			state = "valid"
		}
		reply(http.StatusOK, map[string]any{
			"status": state, "identifier": map[string]string{"type": "dns", "value": a.host},
			"challenges": []any{map[string]string{"type": a.challenge, "url": a.url + "/challenge", "token": "token", "status": state}},
		})
	case "/challenge":
		a.valid = a.check()
		reply(http.StatusOK, map[string]string{"type": a.challenge, "url": a.url + "/challenge", "token": "token", "status": "valid"})
	case "/finalize":
		var asked struct{ CSR string }
		a.payload(r, &asked)
		der, err := base64.RawURLEncoding.DecodeString(asked.CSR)
		assert.NoError(a.t, err)
		request, err := x509.ParseCertificateRequest(der)
		assert.NoError(a.t, err)
		a.chain = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.sign(a.host, request.PublicKey)})
		a.issued++
		w.Header().Set("Location", a.url+"/order/1")
		reply(http.StatusOK, order())
	case "/certificate":
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		_, _ = w.Write(a.chain)
	default:
		http.NotFound(w, r)
	}
}

// payload reads what a request asks for. Its signature is not checked.
func (a *authority) payload(r *http.Request, value any) {
	var signed struct{ Payload string }
	assert.NoError(a.t, json.NewDecoder(r.Body).Decode(&signed))
	text, err := base64.RawURLEncoding.DecodeString(signed.Payload)
	assert.NoError(a.t, err)
	assert.NoError(a.t, json.Unmarshal(text, value))
}

// check asks the host whether it is whoever asks for a certificate.
func (a *authority) check() bool {
	if a.challenge == "http-01" {
		request, err := http.NewRequest(http.MethodGet, "http://"+a.plain+"/.well-known/acme-challenge/token", nil)
		assert.NoError(a.t, err)
		request.Host = a.host
		response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
		if !assert.NoError(a.t, err) {
			return false
		}
		defer func() { _ = response.Body.Close() }()
		text, err := io.ReadAll(response.Body)
		assert.NoError(a.t, err)
		return response.StatusCode == http.StatusOK && strings.HasPrefix(string(text), "token.")
	}
	conn, err := tls.Dial("tcp", a.secure, &tls.Config{
		ServerName: a.host, NextProtos: []string{acme.ALPNProto}, InsecureSkipVerify: true,
	})
	if !assert.NoError(a.t, err) {
		return false
	}
	defer func() { _ = conn.Close() }()
	const acmeIdentifier = "1.3.6.1.5.5.7.1.31"
	state := conn.ConnectionState()
	return state.NegotiatedProtocol == acme.ALPNProto && slices.ContainsFunc(state.PeerCertificates[0].Extensions,
		func(e pkix.Extension) bool { return fmt.Sprint(e.Id) == acmeIdentifier })
}
