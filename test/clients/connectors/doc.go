// Connectors is what .ci/check-tls asks with curl: a server at a port without
// TLS, at a Unix socket, and at a port with TLS which knows its clients by their
// certificates. In the folder that FOLDER names, store.p12 is its key store,
// clients.pem whom it trusts, and http.sock where it listens.
//
//	FOLDER=$PWD/folder go run ./test/clients/connectors
package main
