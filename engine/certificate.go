package engine

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/keystore"
	"github.com/chitor-go/chitor/internal/watched"
)

// A Certificate is where the certificate of a [TLSConnector] comes from: [PEM],
// [KeyStore], [GeneratedCertificate], [ACME], or [TLSConfig]. The zero
// Certificate is none, with which [Server.Start] fails.
//
// A file is looked for in the server's resources, if it has any, and then in the
// file system, below the working directory. Start fails if it cannot be read.
// When it changes later, new connections get what it says, within a second and
// without a restart; if that cannot be read, the certificate that was there
// before stays, and the error is logged once.
type Certificate struct {
	open     func(surroundings) (*tls.Config, error)
	mistakes []mistakeAt
}

// mistakeAt is a mistake in what an option was given, and the line that gave it.
type mistakeAt struct {
	site app.Site
	text string
}

// surroundings is what the certificates of a server are read from, and what they
// tell it.
type surroundings struct {
	files  watched.Files
	logger *slog.Logger
	// challenge takes what answers the questions of a certificate authority, and
	// passes on all other requests.
	challenge func(func(http.Handler) http.Handler)
}

// TLSConfig is a certificate, and everything else that crypto/tls can be told.
// What options of the connector say replaces that of config. With a
// GetConfigForClient, which decides by itself, options fail the start. The
// configuration must provide a certificate, or [Server.Start] fails; it is cloned
// then, and nothing reads files again.
func TLSConfig(config *tls.Config) Certificate {
	return Certificate{open: func(surroundings) (*tls.Config, error) {
		if config == nil || len(config.Certificates) == 0 && config.GetCertificate == nil && config.GetConfigForClient == nil {
			return nil, errNoCertificate
		}
		return config.Clone(), nil
	}}
}

var errNoCertificate = errors.New("no certificate")

// PEM is a certificate from two PEM files, which may be one: the certificate,
// followed by those that lead to a root, and its private key, which is not
// encrypted.
func PEM(certificateFile, keyFile string) Certificate {
	return fromFiles(func(contents [][]byte) (*tls.Certificate, error) {
		certificate, err := tls.X509KeyPair(contents[0], contents[1])
		if err != nil {
			return nil, fmt.Errorf("%s and %s: %w", certificateFile, keyFile, err)
		}
		return &certificate, nil
	}, certificateFile, keyFile)
}

// KeyStoreConfig is what there is to say of a key store besides its file and
// password.
type KeyStoreConfig struct {
	// Alias names the private key, in upper or lower case; mykey by default, as
	// in keytool and Ktor. One that is missing fails the start.
	Alias string
	// PrivateKeyPassword is the password of the key; empty for that of the
	// store, which is what keytool makes it.
	PrivateKeyPassword string
}

// KeyStore is a certificate from a key store in the format PKCS#12 (RFC 7292),
// which keytool writes since Java 9, and "openssl pkcs12 -export". Old stores in
// the format JKS are refused with the command that converts them.
//
// Ktor: sslConnector(keyStore, keyAlias, keyStorePassword, privateKeyPassword).
func KeyStore(file, password string, configure ...func(*KeyStoreConfig)) Certificate {
	config := KeyStoreConfig{Alias: "mykey"}
	for _, change := range configure {
		if change == nil {
			return Certificate{mistakes: []mistakeAt{{app.Caller(1), "key store: the configuration function is nil"}}}
		}
		change(&config)
	}
	if config.PrivateKeyPassword == "" {
		config.PrivateKeyPassword = password
	}
	return fromFiles(func(contents [][]byte) (*tls.Certificate, error) {
		store, err := openKeyStore(file, contents[0], password)
		if err != nil {
			return nil, err
		}
		certificate, err := store.Certificate(config.Alias, config.PrivateKeyPassword)
		if err != nil {
			return nil, fmt.Errorf("key store %s: %w", file, err)
		}
		return &certificate, nil
	}, file)
}

func openKeyStore(file string, data []byte, password string) (*keystore.Store, error) {
	store, err := keystore.Open(data, password)
	if errors.Is(err, keystore.ErrOldFormat) {
		return nil, fmt.Errorf("key store %s: %w; convert it: keytool -importkeystore -srckeystore %s -destkeystore %s.p12 -deststoretype pkcs12",
			file, err, file, file)
	}
	if err != nil {
		return nil, fmt.Errorf("key store %s: %w", file, err)
	}
	return store, nil
}

// fromFiles is a certificate that is read from files, and again when they change.
func fromFiles(parse func([][]byte) (*tls.Certificate, error), names ...string) Certificate {
	return Certificate{open: func(around surroundings) (*tls.Config, error) {
		certificate, err := watched.Read(around.files, parse, names...)
		if err != nil {
			return nil, err
		}
		return &tls.Config{
			MinVersion:     tls.VersionTLS12,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return certificate.Get(), nil },
		}, nil
	}}
}
