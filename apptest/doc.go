// Package apptest runs an application for a test: Ktor's testApplication.
//
//	func TestGreeting(t *testing.T) {
//		host := apptest.Start(t, Module)
//		response := host.Get("/", apptest.Header("Accept-Language", "en"))
//		require.Equal(t, http.StatusOK, response.StatusCode)
//		require.Equal(t, "Hello, world!", apptest.Text(t, response))
//	}
//
// A [Host] is the real thing: the server of package engine, started and stopped as in production, and a real HTTP client.
// Only the network is in memory, so there are no ports to collide, and everything a wire can do happens: streaming,
// back-pressure, clients that leave, raw bytes by [Host.Dial], HTTP/1.1 and HTTP/2 ([Run]).
//
// The application logs to the test's output, from level debug.
//
// # Fake time
//
// The same test runs in a bubble of testing/synctest, where time passes only when everybody waits. A stream of hours
// takes no time, what happens after 10 s happens after exactly 10 s, and a goroutine that is left behind fails the test:
//
//	func TestThreeHours(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) {
//			host := apptest.Start(t, Clock)
//			began := time.Now()
//			require.Equal(t, "tick\ntick\ntick\n", apptest.Text(t, host.Get("/clock")))
//			require.Equal(t, 3*time.Hour, time.Since(began))
//		})
//	}
//
// The application, the host and the requests then belong into the bubble.
//
// # Differences from Ktor's testApplication
//
// The host starts at once, not with the first request, and an unexpected error is answered as in production, without its
// text; [engine.Development] shows it.
package apptest
