package cachingheaders_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/cachingheaders"
	"github.com/chitor-go/chitor/routing"
)

// The tests of this file are those of Ktor's CachingHeadersTest and
// CacheControlMergeTest, under their names.

func TestCachingHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		handler app.Handler
		plugins []app.Installable
		want    string
	}{
		"testNoPluginInstalled": {responding(noCache{}), nil, ""},
		"testByPass":            {responding(noCache{}), []app.Installable{cachingheaders.Plugin}, "no-cache"},
		"addNoStore":            {responding(noCache{}), []app.Installable{saying(noStore{private})}, "no-cache, private, no-store"},
		"testAddMaxAgeAndNoStore": {
			responding(noCache{}), []app.Installable{saying(noStore{private}, maxAge{Age: 15 * time.Second})},
			"no-cache, no-store, max-age=15, private",
		},
		"testCustomCacheControl": {
			responding(noCache{}), []app.Installable{saying(noStore{private}, cachingheaders.Directive("immutable"))},
			"no-cache, private, no-store, immutable",
		},
		"testSetInCall": {responding(noCache{}), []app.Installable{cachingheaders.Plugin}, "no-cache"},
		"testSetInCallAndContent": {
			responding(noCache{}, maxAge{Age: 15 * time.Second}), []app.Installable{cachingheaders.Plugin}, "no-cache, max-age=15",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := serve(t, test.handler, test.plugins...).Get("/")
			assert.Equal(t, 200, got.StatusCode)
			assert.Equal(t, "test", apptest.Text(t, got))
			assert.Equal(t, test.want, got.Header.Get("Cache-Control"))
		})
	}
}

func TestCachingHeaders_testSubrouteInstall(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/1", responding(noCache{})).Install(saying(noStore{private}, maxAge{Age: 15 * time.Second}))
			r.Get("/2", responding(noCache{}))
		})
	})
	assert.Equal(t, "no-cache, no-store, max-age=15, private", host.Get("/1").Header.Get("Cache-Control"))
	assert.Empty(t, host.Get("/2").Header.Get("Cache-Control"))
}

// Ktor compares lists of directives; here it is what they say in the header.
func TestCacheControlMerge(t *testing.T) {
	type all = []cachingheaders.CacheControl
	second := time.Second
	both := cachingheaders.MustRevalidate | cachingheaders.ProxyRevalidate
	must, proxy := cachingheaders.MustRevalidate, cachingheaders.ProxyRevalidate
	for name, tests := range map[string][]struct {
		given all
		want  string
	}{
		"testMergeEmpty": {{all{}, ""}},
		"testMergeSingleEntry": {
			{all{noStore{}}, "no-store"}, {all{noStore{public}}, "no-store, public"}, {all{noStore{private}}, "no-store, private"},
			{all{noCache{}}, "no-cache"}, {all{noCache{public}}, "no-cache, public"}, {all{noCache{private}}, "no-cache, private"},
			{all{maxAge{Age: second}}, "max-age=1"}, {all{maxAge{Age: 2 * second}}, "max-age=2"},
			{all{maxAge{Age: 3 * second, Visibility: private}}, "max-age=3, private"},
		},
		"testOrderNoMaxAge": {
			{all{noCache{}, noStore{}}, "no-cache, no-store"}, {all{noStore{}, noCache{}}, "no-cache, no-store"},
		},
		"testMergeNoMaxAge": {
			{all{noCache{}, noStore{}}, "no-cache, no-store"}, {all{noCache{}, noCache{}}, "no-cache"},
			{all{noCache{}, noCache{private}}, "no-cache, private"}, {all{noCache{private}, noCache{}}, "no-cache, private"},
		},
		"testTripleMergeNoMaxAge": {
			{all{noCache{private}, noCache{}, noCache{public}}, "no-cache, private"},
			{all{noCache{public}, noCache{}, noCache{public}}, "no-cache, public"},
		},
		"testPrivateMergeNoMaxAge": {
			{all{noCache{private}, noStore{}}, "no-cache, private, no-store"},
			{all{noCache{private}, noStore{private}}, "no-cache, private, no-store"},
			{all{noCache{private}, noStore{public}}, "no-cache, private, no-store"},
			{all{noCache{public}, noStore{private}}, "no-cache, private, no-store"},
		},
		"testPublicMergeNoMaxAge": {
			{all{noCache{public}, noStore{}}, "no-cache, public, no-store"},
			{all{noCache{}, noStore{public}}, "no-cache, public, no-store"},
			{all{noCache{public}, noStore{public}}, "no-cache, public, no-store"},
		},
		"testSimpleMaxAgeMerge": {
			{
				all{
					maxAge{second, 2 * second, must, ""}, maxAge{2 * second, second, proxy, public},
					maxAge{20 * second, 10 * second, 0, private},
				},
				maxAge{second, second, both, private}.String(),
			},
		},
		"testAgeMergeWithNoCache": {
			{all{maxAge{second, 2 * second, must, ""}, noCache{private}}, "no-cache, max-age=1, s-maxage=2, must-revalidate, private"},
			{all{maxAge{second, 2 * second, must, public}, noCache{private}}, "no-cache, max-age=1, s-maxage=2, must-revalidate, private"},
			{all{maxAge{second, 2 * second, must, public}, noCache{}}, "no-cache, max-age=1, s-maxage=2, must-revalidate, public"},
		},
		"testAgeMergeWithNoStore": {
			{all{maxAge{second, 2 * second, must, ""}, noStore{private}}, "no-store, max-age=1, s-maxage=2, must-revalidate, private"},
			{all{maxAge{second, 2 * second, must, public}, noStore{private}}, "no-store, max-age=1, s-maxage=2, must-revalidate, private"},
			{all{maxAge{second, 2 * second, must, public}, noStore{}}, "no-store, max-age=1, s-maxage=2, must-revalidate, public"},
		},
		"testAgeMergeWithNoCacheAndNoStore": {
			{all{maxAge{second, 2 * second, must, ""}, noStore{private}, noCache{private}}, "no-cache, no-store, max-age=1, s-maxage=2, must-revalidate, private"},
			{all{maxAge{second, 2 * second, must, ""}, noStore{}, noCache{}}, "no-cache, no-store, max-age=1, s-maxage=2, must-revalidate"},
			{all{maxAge{second, 2 * second, must, ""}, noStore{public}, noCache{public}}, "no-cache, no-store, max-age=1, s-maxage=2, must-revalidate, public"},
			{all{maxAge{second, 2 * second, must, private}, noStore{}, noCache{}}, "no-cache, no-store, max-age=1, s-maxage=2, must-revalidate, private"},
			{
				all{maxAge{second, 2 * second, must, public}, noStore{}, noCache{}, noCache{public}, noStore{private}},
				"no-cache, no-store, max-age=1, s-maxage=2, must-revalidate, private",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, test := range tests {
				got := serve(t, responding(test.given...), cachingheaders.Plugin).Get("/")
				assert.Equal(t, test.want, got.Header.Get("Cache-Control"), test.given)
				if len(test.given) == 1 {
					assert.Equal(t, test.want, test.given[0].String())
				}
			}
		})
	}
}
