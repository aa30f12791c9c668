// Startup measures how long a program takes from the start of its process to the
// end of its first response.
//
//	go run ./startup
//
// It starts itself again and again: as net/http alone, as Chitor with a route,
// and as Chitor with 100 and 1,000 routes, a number of plugins and an event
// stream. The variants take turns. A client that knows the address tries to
// connect again and again, and asks once. What is printed is the median of all
// rounds, with the extremes.
package main
