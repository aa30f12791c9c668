// Package apptest runs an application for a test: Ktor's testApplication.
//
//	func TestGreeting(t *testing.T) {
//		host := apptest.Start(t, Module)
//		response := host.Get("/", apptest.Header("Accept-Language", "en"))
//		require.Equal(t, http.StatusOK, response.StatusCode)
//		require.Equal(t, "Hello, world!", apptest.Text(t, response))
//	}
//
// A [Host] is the server of package engine, started and stopped as in
// production, with a real HTTP client. Only the network is in memory, so no
// ports collide, and a test sees everything that a real connection does:
// streaming, back-pressure, clients that leave, raw bytes ([Host.Dial]),
// HTTP/1.1 and HTTP/2 ([Run]).
//
// # Fake time
//
// The same test runs in a bubble of testing/synctest, where time passes only
// when all goroutines wait. A stream of hours takes no time, what happens after
// 10 s happens after exactly 10 s, and a goroutine that is left behind fails
// the test:
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
// The application, the host and the requests then belong in the bubble.
//
// # Modules and configuration
//
// Options add to the application what the test needs: [Properties] and
// [Configure] change its configuration before its modules run, [Module] adds
// modules that run after them, [Engine] changes its server. [New] makes a host
// that [Host.Start] starts later, and [Host.Stop] stops a host before the test
// ends. [StartError] is for a start that has to fail:
//
//	func TestNoCurrency(t *testing.T) {
//		noCurrency := apptest.Properties(map[string]any{"prices.currency": ""})
//		err := apptest.StartError(t, Prices(nil), noCurrency)
//		require.ErrorContains(t, err, "no currency")
//	}
//
// # Clients and external services
//
// [Host.NewClient] makes further clients, with options for cookies, redirects
// and the version of HTTP. An [ExternalService] takes the place of a service
// that the application calls. The test hands the application the host's client,
// which reaches it:
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
// # Logs and leaks
//
// The application logs to the test's output, from level debug on, and
// [Host.Log] returns what it has logged. When the test ends, errors of the stop
// fail it, and so do goroutines that the application has left behind, in a
// bubble or not ([Leaks]).
//
// # Differences from Ktor's testApplication
//
// The host starts at once, or with [Host.Start], not with the first request. An
// unexpected error becomes a response as in production, without its text, which
// [engine.Development] shows; a client's call never returns it. Without external
// services all addresses lead to the host. No configuration file is read.
package apptest
