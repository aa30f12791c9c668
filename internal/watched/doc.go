// Package watched keeps what was read from files, and reads it again when they
// change.
//
//	files := watched.Files{Logger: logger}
//	certificate, err := watched.Read(files, parse, "server.pem", "server.key")
//	...
//	now := certificate.Get() // at each handshake
package watched
