package engine_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/keystore"
)

// keyStores has what keytool and OpenSSL have written.
const keyStores = "../internal/keystore/testdata/"

// secured starts a server at one connector with TLS, and returns its address.
func secured(t *testing.T, handler app.Handler, certificate engine.Certificate, options ...engine.TLSOption) string {
	t.Helper()
	server := engine.EmbeddedServer(answer(handler), engine.TLSConnector("127.0.0.1", 0, certificate, options...), quiet)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	return server.Addrs()[0].String()
}

func certificatesIn(t *testing.T, file string) *x509.CertPool {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(text))
	return pool
}

// shaken returns the state of a connection, or why there is none.
func shaken(t *testing.T, address string, config *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	conn, err := tls.Dial("tcp", address, config)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer func() { _ = conn.Close() }()
	return conn.ConnectionState(), nil
}

func TestKeyStore(t *testing.T) {
	leavesNothing(t)
	roots := certificatesIn(t, keyStores+"ca.pem")
	cases := map[string]struct {
		certificate engine.Certificate
		subject     string
	}{
		"the alias is mykey": {engine.KeyStore(keyStores+"openssl.p12", "changeit"), "CN=ec"},
		"an alias": {engine.KeyStore(keyStores+"keytool.p12", "foobar", func(c *engine.KeyStoreConfig) {
			c.Alias = "second"
		}), "CN=rsa"},
		"two passwords": {engine.KeyStore(keyStores+"twopasswords.p12", "123456", func(c *engine.KeyStoreConfig) {
			c.PrivateKeyPassword = "foobar"
		}), "CN=ec"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			state, err := shaken(t, secured(t, hello, test.certificate), &tls.Config{RootCAs: roots, ServerName: "localhost"})
			require.NoError(t, err)
			assert.Equal(t, test.subject, state.PeerCertificates[0].Subject.String())
		})
	}
}

func TestKeyStoreOfResources(t *testing.T) {
	leavesNothing(t)
	server := engine.EmbeddedServer(answer(hello), quiet,
		engine.TLSConnector("127.0.0.1", 0, engine.KeyStore("openssl.p12", "changeit")),
		engine.Resources(os.DirFS(keyStores)))
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	_, err := shaken(t, server.Addrs()[0].String(), &tls.Config{RootCAs: certificatesIn(t, keyStores+"ca.pem")})
	require.NoError(t, err)
}

func TestTLSErrors(t *testing.T) {
	leavesNothing(t)
	folder := t.TempDir()
	empty, other := filepath.Join(folder, "empty"), filepath.Join(folder, "other")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	require.NoError(t, os.WriteFile(other, []byte("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"), 0o600))
	certificateFile, keyFile := pemFiles(t, newAuthority(t).issue("localhost"))
	good := engine.PEM(certificateFile, keyFile)
	deciding := engine.TLSConfig(&tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, nil }})
	old := keyStores + "old.jks"
	cases := map[string]struct {
		certificate engine.Certificate
		options     []engine.TLSOption
		says        string
	}{
		"nothing":         {engine.Certificate{}, nil, "no certificate"},
		"a missing file":  {engine.PEM("missing.pem", keyFile), nil, "open missing.pem: "},
		"a missing key":   {engine.PEM(certificateFile, "missing.key"), nil, "open missing.key: "},
		"no pair":         {engine.PEM(certificateFile, certificateFile), nil, certificateFile + " and " + certificateFile + ": tls: "},
		"a missing store": {engine.KeyStore("missing.p12", ""), nil, "open missing.p12: "},
		"an old store": {engine.KeyStore(old, "changeit"), nil, "key store " + old + ": the format is Java's old JKS or JCEKS, not PKCS#12; convert it: " +
			"keytool -importkeystore -srckeystore " + old + " -destkeystore " + old + ".p12 -deststoretype pkcs12"},
		"no store":         {engine.KeyStore(certificateFile, ""), nil, "key store " + certificateFile + ": it is no key store in the format PKCS#12"},
		"a wrong password": {engine.KeyStore(keyStores+"openssl.p12", "wrong"), nil, "key store " + keyStores + "openssl.p12: the password is wrong"},
		"an absent alias": {engine.KeyStore(keyStores+"keytool.p12", "foobar"), nil,
			"key store " + keyStores + `keytool.p12: no key has the alias "mykey": there are ["samplealias" "second"]`},
		"a configuration that asks nobody": {deciding, []engine.TLSOption{engine.ClientCertificates(certificateFile, "")}, "GetConfigForClient decides"},
		"a configuration of any version":   {deciding, []engine.TLSOption{engine.TLSProtocols("TLSv1.3")}, "GetConfigForClient decides"},
		"a missing trust store":            {good, []engine.TLSOption{engine.ClientCertificates("missing", "")}, "open missing: "},
		"no trust store":                   {good, []engine.TLSOption{engine.OptionalClientCertificates("", "")}, "client certificates: the name of the trust store is empty"},
		"an empty trust store":             {good, []engine.TLSOption{engine.ClientCertificates(empty, "")}, "trust store: key store " + empty + ": it is no key store"},
		"another kind of PEM":              {good, []engine.TLSOption{engine.ClientCertificates(other, "")}, "trust store " + other + ": no certificate is in it"},
		"its password":                     {good, []engine.TLSOption{engine.ClientCertificates(keyStores+"trust.p12", "")}, "trust store: key store " + keyStores + "trust.p12: the password is wrong"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			server := engine.EmbeddedServer(answer(hello), engine.TLSConnector("127.0.0.1", 0, test.certificate, test.options...), quiet)
			require.ErrorContains(t, server.Start(t.Context()), "start server: TLS of 127.0.0.1:0: "+test.says)
		})
	}
}

func TestTLSMistakes(t *testing.T) {
	site := app.Caller(0)
	nothing := engine.TLSConnector("", 0, engine.Certificate{}, nil)
	weak := engine.TLSConnector("", 0, engine.Certificate{}, engine.TLSProtocols("TLSv1.1", "TLSv1.3"))
	none := engine.TLSConnector("", 0, engine.Certificate{}, engine.TLSProtocols())
	store := engine.TLSConnector("", 0, engine.KeyStore("store", "", nil))
	server := engine.EmbeddedServer(answer(hello), nothing, weak, none, store, quiet)
	line := func(below int) string { return app.Site{File: site.File, Line: site.Line + below}.String() }
	require.EqualError(t, server.Start(t.Context()), line(1)+": TLS: option 1 is nil\n"+
		line(2)+`: TLS protocols: "TLSv1.1" is unknown or too weak, there are TLSv1.2 and TLSv1.3`+"\n"+
		line(3)+": TLS protocols: none is named\n"+
		line(4)+": key store: the configuration function is nil")
}

func TestClientCertificates(t *testing.T) {
	leavesNothing(t)
	ours, theirs := newAuthority(t), newAuthority(t)
	certificateFile, keyFile := pemFiles(t, ours.issue("localhost"))
	trusted := filepath.Join(t.TempDir(), "clients.pem")
	require.NoError(t, os.WriteFile(trusted, ours.pem(), 0o600))
	of := func(a *authority) []tls.Certificate { return []tls.Certificate{a.issue("alice")} }
	required, optional := engine.ClientCertificates(trusted, ""), engine.OptionalClientCertificates(trusted, "")
	java := engine.ClientCertificates(keyStores+"trust.p12", "foobar")
	data, err := os.ReadFile(keyStores + "openssl.p12")
	require.NoError(t, err)
	store, err := keystore.Open(data, "changeit")
	require.NoError(t, err)
	javaClient, err := store.Certificate("mykey", "changeit")
	require.NoError(t, err)
	cases := map[string]struct {
		option engine.TLSOption
		client []tls.Certificate
		want   string // empty if the client is refused
	}{
		"required":                 {required, of(ours), "alice"},
		"required, none":           {required, nil, ""},
		"required, of a stranger":  {required, of(theirs), ""},
		"optional":                 {optional, of(ours), "alice"},
		"optional, none":           {optional, nil, "nobody"},
		"optional, of a stranger":  {optional, of(theirs), ""},
		"a store of Java":          {java, []tls.Certificate{javaClient}, "ec"},
		"a store of Java, of ours": {java, of(ours), ""},
		"nobody asks":              {engine.TLSProtocols("TLSv1.3"), of(ours), "nobody"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			address := secured(t, func(c *app.Call) error {
				if peers := c.Request.TLS.PeerCertificates; len(peers) > 0 {
					return c.RespondText(peers[0].Subject.CommonName)
				}
				return c.RespondText("nobody")
			}, engine.PEM(certificateFile, keyFile), test.option)
			config := &tls.Config{RootCAs: ours.roots, ServerName: "localhost", GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				if len(test.client) == 0 {
					return &tls.Certificate{}, nil
				}
				return &test.client[0], nil // whoever is asked for
			}}
			client := clientOf(t, address, config)
			response, err := client.Get("https://localhost/")
			if test.want == "" {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, apptest.Text(t, response))
			require.NoError(t, response.Body.Close())
			client.CloseIdleConnections()
		})
	}
}

func TestTLSVersions(t *testing.T) {
	leavesNothing(t)
	certificateFile, keyFile := pemFiles(t, newAuthority(t).issue("localhost"))
	cases := map[string]struct {
		options []engine.TLSOption
		client  uint16 // the only version that it speaks
		want    bool
	}{
		"1.3":             {nil, tls.VersionTLS13, true},
		"1.2":             {nil, tls.VersionTLS12, true},
		"1.1 is too old":  {nil, tls.VersionTLS11, false},
		"1.3 alone, 1.3":  {[]engine.TLSOption{engine.TLSProtocols("TLSv1.3")}, tls.VersionTLS13, true},
		"1.3 alone, 1.2":  {[]engine.TLSOption{engine.TLSProtocols("TLSv1.3")}, tls.VersionTLS12, false},
		"1.2 alone, 1.3":  {[]engine.TLSOption{engine.TLSProtocols("TLSv1.2")}, tls.VersionTLS13, false},
		"1.2 alone, 1.2":  {[]engine.TLSOption{engine.TLSProtocols("TLSv1.2")}, tls.VersionTLS12, true},
		"both named, 1.2": {[]engine.TLSOption{engine.TLSProtocols("TLSv1.3", "TLSv1.2")}, tls.VersionTLS12, true},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			address := secured(t, hello, engine.PEM(certificateFile, keyFile), test.options...)
			_, err := shaken(t, address, &tls.Config{InsecureSkipVerify: true, MinVersion: test.client, MaxVersion: test.client})
			assert.Equal(t, test.want, err == nil, err)
		})
	}
}

func TestGeneratedCertificate(t *testing.T) {
	leavesNothing(t)
	var log bytes.Buffer
	server := engine.EmbeddedServer(answer(hello),
		engine.TLSConnector("127.0.0.1", 0, engine.GeneratedCertificate("example.test", "192.0.2.7")),
		engine.Logger(slog.New(slog.NewTextHandler(&log, nil))))
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	assert.Contains(t, log.String(), `level=WARN msg="a certificate was generated for development: no client trusts it, `+
		`and it must not be used in production" hosts="localhost, 127.0.0.1, ::1, example.test, 192.0.2.7" until=`)
	address := server.Addrs()[0].String()
	state, err := shaken(t, address, &tls.Config{InsecureSkipVerify: true})
	require.NoError(t, err)
	leaf := state.PeerCertificates[0]
	for _, host := range []string{"localhost", "127.0.0.1", "::1", "example.test", "192.0.2.7"} {
		assert.NoError(t, leaf.VerifyHostname(host))
	}
	assert.Error(t, leaf.VerifyHostname("example.org"))
	assert.Equal(t, x509.ECDSA, leaf.PublicKeyAlgorithm)
	again, err := shaken(t, address, &tls.Config{InsecureSkipVerify: true})
	require.NoError(t, err)
	assert.True(t, leaf.Equal(again.PeerCertificates[0]))
}
