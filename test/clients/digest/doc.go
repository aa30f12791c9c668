// Digest is what .ci/check-digest asks with curl: a server with a path for each
// algorithm of digest authentication, such as /SHA-256.
//
//	go run ./test/clients/digest
package main
