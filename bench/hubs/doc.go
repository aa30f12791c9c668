// Package hubs has the hubs that the programs of bench compare: Chitor's, that of
// bench/reference, and two libraries that have one. Each serves streams over
// loopback whose clients get what is published, with or without TLS.
package hubs
