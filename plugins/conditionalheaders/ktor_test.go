package conditionalheaders_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/routing"
)

// The tests of this file are those of Ktor's ETagsTest, LastModifiedTest and
// LastModifiedVersionTest, under their names.

func TestETags(t *testing.T) {
	for name, test := range map[string]struct {
		header []string
		status int
	}{
		"testNoConditions":                     {nil, 200},
		"testIfMatchConditionAccepted":         {[]string{"If-Match", "tag1"}, 200},
		"testIfMatchConditionFailed":           {[]string{"If-Match", "tag2"}, 412},
		"testIfNoneMatchConditionAccepted":     {[]string{"If-None-Match", "tag1"}, 304},
		"testIfNoneMatchWeakConditionAccepted": {[]string{"If-None-Match", "W/tag1"}, 304},
		"testIfNoneMatchConditionFailed":       {[]string{"If-None-Match", "tag2"}, 200},
		"testIfMatchStar":                      {[]string{"If-Match", "*"}, 200},
		// Different: Ktor lets it pass. RFC 9110 section 13.1.2: it is not met if
		// there is any version, and http.ServeContent says so as well.
		"testIfNoneMatchStar":                 {[]string{"If-None-Match", "*"}, 304},
		"testIfNoneMatchListConditionFailed":  {[]string{"If-None-Match", "tag0,tag1,tag3"}, 304},
		"testIfNoneMatchListConditionSuccess": {[]string{"If-None-Match", "tag2"}, 200},
		"testIfMatchListConditionAccepted":    {[]string{"If-Match", "tag0,tag1,tag3"}, 200},
		"testIfMatchListConditionFailed":      {[]string{"If-Match", "tag0,tag2,tag3"}, 412},
	} {
		t.Run(name, func(t *testing.T) {
			got := serve(t, response, of(tag{Tag: "tag1"})).Get("/", header(test.header...)...)
			expect(t, got, test.status, map[int]string{200: "response"}[test.status])
			if test.status != 412 {
				assert.Equal(t, `"tag1"`, got.Header.Get("ETag"))
			}
		})
	}
}

func TestETags_testNoDoubleHeader(t *testing.T) {
	got := serve(t, func(c *app.Call) error {
		c.Header().Set("ETag", "tag2")
		return c.RespondText("response")
	}, of(tag{Tag: "tag1"})).Get("/")
	expect(t, got, 200, "response")
	assert.Equal(t, []string{"tag2"}, got.Header["Etag"])
}

// Different: a provider cannot fail, so the response does.
func TestETags_testInvalidWeakStarETag(t *testing.T) {
	expect(t, serve(t, response, of(tag{Tag: "*", Weak: true})).Get("/"), 500, "Internal Server Error")
}

// Each runs with a date in GMT and one in another zone, as in Ktor.
func TestLastModified(t *testing.T) {
	since, unless := "If-Modified-Since", "If-Unmodified-Since"
	for name, test := range map[string]struct {
		header []string
		status int
	}{
		"testNoHeaders":                    {nil, 200},
		"testIfModifiedSinceEq":            {[]string{since, days(0)}, 304},
		"testIfModifiedSinceEqZoned":       {[]string{since, days(0)}, 304},
		"testIfModifiedSinceLess":          {[]string{since, days(-1)}, 200},
		"testIfModifiedSinceGt":            {[]string{since, days(1)}, 304},
		"testIfUnModifiedSinceEq":          {[]string{unless, days(0)}, 200},
		"testIfUnModifiedSinceLess":        {[]string{unless, days(-1)}, 412},
		"testIfUnModifiedSinceGt":          {[]string{unless, days(1)}, 200},
		"testIfUnmodifiedSinceIllegal":     {[]string{unless, "zzz"}, 200},
		"testIfUnmodifiedSinceIllegal, 2":  {[]string{unless, "zzz", unless, days(0)}, 200},
		"testIfUnmodifiedSinceIllegal, 3":  {[]string{unless, "zzz", unless, days(1)}, 200},
		"testIfUnmodifiedSinceIllegal, 4":  {[]string{unless, "zzz", unless, days(-1)}, 412},
		"testIfUnmodifiedSinceMultiple":    {[]string{unless, ""}, 200},
		"testIfUnmodifiedSinceMultiple, 2": {[]string{unless, days(1), unless, days(2)}, 200},
		"testIfUnmodifiedSinceMultiple, 3": {[]string{unless, days(-1), unless, days(2)}, 412},
		"testIfModifiedSinceMultiple":      {[]string{since, ""}, 200},
		"testIfModifiedSinceMultiple, 2":   {[]string{since, days(-1), since, days(2)}, 200},
		"testIfModifiedSinceMultiple, 3":   {[]string{since, days(1), since, days(2)}, 304},
		"testBoth":                         {[]string{since, "", unless, ""}, 200},
		"testBoth, both met":               {[]string{since, days(-1), unless, days(1)}, 200},
		"testBoth, modified":               {[]string{since, days(-1), unless, days(-1)}, 412},
		"testBoth, not modified":           {[]string{since, days(1), unless, days(1)}, 304},
		// Different: 304 in Ktor, which declares an order of its own. RFC 9110
		// section 13.2.2 has If-Unmodified-Since first.
		"testBoth, none met": {[]string{since, days(1), unless, days(-1)}, 412},
	} {
		for _, zone := range []*time.Location{time.UTC, time.FixedZone("GMT+1", 3600)} {
			t.Run(name+zone.String(), func(t *testing.T) {
				got := serve(t, response, of(date{LastModified: now.In(zone)})).Get("/", header(test.header...)...)
				expect(t, got, test.status, map[int]string{200: "response"}[test.status])
			})
		}
	}
}

func TestLastModified_testSubrouteInstall(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/1", response).Install(of(date{LastModified: now}))
			r.Get("/2", response)
		})
	})
	expect(t, host.Get("/1", header("If-Modified-Since", days(0))...), 304, "")
	expect(t, host.Get("/2", header("If-Modified-Since", days(0))...), 200, "response")
}

func TestLastModified_testUseHeadersFromResponse(t *testing.T) {
	host := serve(t, func(c *app.Call) error {
		c.Header().Set("Last-Modified", days(0))
		return c.RespondText("response")
	}, conditionalheaders.Plugin)
	expect(t, host.Get("/", header("If-Modified-Since", days(0))...), 304, "")
	expect(t, host.Get("/", header("If-Modified-Since", days(-1))...), 200, "response")
}

// lastModifiedHeaderFromDateIsIndependentOfLocalTimezone, and those of a local
// date and of a file's time, which are one type here.
func TestLastModifiedVersion(t *testing.T) {
	modified := time.Date(2018, 3, 4, 23, 12, 23, 0, time.FixedZone("GMT+08:00", 8*3600))
	got := serve(t, response, of(date{LastModified: modified})).Get("/")
	assert.Equal(t, http.StatusOK, got.StatusCode)
	assert.Equal(t, "Sun, 04 Mar 2018 15:12:23 GMT", got.Header.Get("Last-Modified"))
}
