// Package apptest runs an application for a test: Ktor's testApplication.
//
//	func TestGreeting(t *testing.T) {
//		host := apptest.Start(t, Module)
//		response := host.Get("/", apptest.Header("Accept-Language", "en"))
//		require.Equal(t, http.StatusOK, response.StatusCode)
//		require.Equal(t, "Hello, world!", apptest.Text(t, response))
//	}
//
// A [Host] is the real thing: the server of package engine, started and stopped
// as in production, and a real HTTP client. Only the network is in memory, so
// there are no ports to collide, and everything a wire can do happens:
// streaming, back-pressure, clients that leave, raw bytes by [Host.Dial],
// HTTP/1.1 and HTTP/2 ([Run]).
//
// # Fake time
//
// The same test runs in a bubble of testing/synctest, where time passes only
// when everybody waits. A stream of hours takes no time, what happens after 10
// s happens after exactly 10 s, and a goroutine that is left behind fails the
// test:
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
// # Modules and configuration
//
// Options add what the test needs to the application that it tests:
// [Properties] and [Configure] change its configuration before its modules run,
// [Module] adds modules that run after them, [Engine] changes its server. [New]
// makes a host that [Host.Start] starts, and [Host.Stop] stops it before the
// test ends. A start that has to fail is one of [StartError]:
//
//	func TestNoCurrency(t *testing.T) {
//		err := apptest.StartError(t, Prices(nil), apptest.Properties(map[string]any{"prices.currency": ""}))
//		require.ErrorContains(t, err, "no currency")
//	}
//
// # Clients and external services
//
// [Host.NewClient] makes further clients, with options for cookies, redirects
// and the version of HTTP. An [ExternalService] stands in for somebody whom the
// application calls. The application is handed the host's client, which reaches
// it:
//
//	func TestPrices(t *testing.T) {
//		host := apptest.New(t, apptest.ExternalService("https://rates.example.com", Rates),
//			apptest.Properties(map[string]any{"prices.currency": "EUR"}))
//		host.Start(Prices(host.Client()))
//
//		user := host.NewClient(apptest.Cookies(), apptest.NoRedirects())
//		require.Equal(t, "100 JPY are 0.61 EUR", apptest.Text(t, user.Get("/price")))
//		require.Empty(t, host.Log().AtLeast(slog.LevelWarn))
//	}
//
// # What a test is told
//
// The application logs to the test's output, from level debug, and [Host.Log]
// returns what it has logged. When the test ends, mistakes of the stop fail it,
// and so do goroutines that the application has left behind, in a bubble or not
// ([Leaks]).
//
// # Differences from Ktor's testApplication
//
// The host starts at once, or by [Host.Start], not with the first request. An
// unexpected error is answered as in production, without its text, which
// [engine.Development] shows, and none comes out of a client's call. Without
// external services all addresses lead to the host. No configuration file is
// read.
package apptest
