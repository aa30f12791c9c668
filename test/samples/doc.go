// Samples loads the configuration files of Ktor's samples and compares what it
// reads with what a running Ktor reads. The samples are not part of this
// repository: they are in github.com/ktorio/ktor-documentation.
//
//	git clone https://github.com/ktorio/ktor-documentation
//	go run ./test/samples ktor-documentation/codeSnippets/snippets
//
// ktor.jsonl has a line for each file, as of the commit 6e313c39316d there, and
// another with variables of the environment where they matter: the keys and the
// texts or lists of texts that Ktor 3.5.1 reads.
package main
