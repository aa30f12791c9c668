package digest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// BenchmarkCall measures a whole call of a client that has a nonce.
func BenchmarkCall(b *testing.B) {
	application := app.New(guarded(scheme()))
	require.NoError(b, application.Start(b.Context()))
	b.Cleanup(func() { assert.NoError(b, application.Stop(context.Background())) })
	ask := func(header string) *httptest.ResponseRecorder {
		request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		if header != "" {
			request.Header.Set("Authorization", header)
		}
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		return recorder
	}
	user := known("user")
	user.read(b, ask("").Result())
	headers := make([]string, 0, 1<<16)
	for range cap(headers) {
		headers = append(headers, user.authorize(http.MethodGet, "/", ""))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if i%len(headers) == 0 && i > 0 {
			b.StopTimer() // all counts are used
			user.read(b, ask("").Result())
			for i := range headers {
				headers[i] = user.authorize(http.MethodGet, "/", "")
			}
			b.StartTimer()
		}
		if got := ask(headers[i%len(headers)]).Code; got != http.StatusOK {
			b.Fatal(got)
		}
	}
}
