package app_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestKtorApplicationRequestContentTest_forms has the tests of the class that
// are about forms.
func TestKtorApplicationRequestContentTest_forms(t *testing.T) {
	t.Parallel()
	a := start(t, answering(showForm))
	for name, test := range map[string]struct {
		contentType, sent string
		status            int
		want              string
	}{
		"testStringValues":            {urlEncoded, "a=1", 200, "a=1"},
		"testStringValuesWithCharset": {urlEncoded + "; charset=UTF-8", "a=1", 200, "a=1"},
		"testIllegalContentType":      {"...la..la..la", "don't care", 400, "the Content-Type cannot be read"},
		"testFormUrlEncodedContent":   {urlEncoded, "one=1&two_space_three_and_four=2+3+%26+4", 200, "one=1&two_space_three_and_four=2+3+%26+4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := post(t, a, test.sent, "Content-Type", test.contentType)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.want, body(t, response))
		})
	}
}

func TestKtorUrlEncodedTest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header []string
		sent   string
		status int
		want   string
	}{
		// In Ktor the test parses a text.
		"should_parse_simple_with_no_headers": {nil, "field1=%D0%A2%D0%B5%D1%81%D1%82", 415, "Unsupported Media Type"},
		"with a type":                         {[]string{"Content-Type", urlEncoded}, "field1=%D0%A2%D0%B5%D1%81%D1%82", 200, "\u0422\u0435\u0441\u0442"},
		"plusIsSpace":                         {[]string{"Content-Type", urlEncoded}, "field1=a+b", 200, "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := post(t, start(t, answering(func(c *app.Call) error {
				form, err := c.ReceiveForm()
				return errors.Join(err, c.RespondText(form.Get("field1")))
			})), test.sent, test.header...)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.want, body(t, response))
		})
	}
}

func TestReceiveForm(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		contentType, sent string
		status            int
		want              string
	}{
		"empty":                {urlEncoded, "", 200, ""},
		"another case of type": {"Application/X-WWW-Form-Urlencoded", "a=1", 200, "a=1"},
		"several values":       {urlEncoded, "a=1&b=2&a=3", 200, "a=1&a=3&b=2"},
		"no value":             {urlEncoded, "a&b=", 200, "a=&b="},
		"bad escape":           {urlEncoded, "a=%zz", 400, `the form cannot be read: invalid URL escape "%zz"`},
		"semicolon":            {urlEncoded, "a=1;b=2", 400, "the form cannot be read: a semicolon has to be sent as %3B"},
		// The limit is that of net/url.
		"too many fields":          {urlEncoded, strings.Repeat("a&", 20_000), 400, "the form cannot be read"},
		"another charset":          {urlEncoded + "; charset=koi8-r", "a=1", 415, "the charset is not UTF-8"},
		"no type":                  {"", "a=1", 415, "Unsupported Media Type"},
		"another type":             {"text/plain", "a=1", 415, "Unsupported Media Type"},
		"JSON":                     {"application/json", `{"a": 1}`, 415, "Unsupported Media Type"},
		"another multipart":        {"multipart/mixed; boundary=b", "--b--", 415, "Unsupported Media Type"},
		"type that is none":        {"text", "a=1", 400, "the Content-Type cannot be read"},
		"parameter that is none":   {urlEncoded + "; charset", "a=1", 400, "the Content-Type cannot be read"},
		"as long as the limit":     {urlEncoded, "a=" + strings.Repeat("x", 1022), 200, "a=" + strings.Repeat("x", 1022)},
		"longer than the limit":    {urlEncoded, "a=" + strings.Repeat("x", 1023), 413, "Request Entity Too Large"},
		"longer after decoding":    {urlEncoded, "a=" + strings.Repeat("%78", 400), 413, "Request Entity Too Large"},
		"the limit is of the body": {urlEncoded, "a=" + strings.Repeat("%78", 300), 200, "a=" + strings.Repeat("x", 300)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, answering(showForm), func(a *app.Application) {
				a.Configure(func(c *app.Config) {
					if c.BodyLimit = 1024; name == "too many fields" {
						c.BodyLimit = 1 << 20
					}
				})
			})
			response := post(t, a, test.sent, "Content-Type", test.contentType)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.want, body(t, response))
		})
	}
}

func TestReceiveFormOfMultipart(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1024)
	for name, test := range map[string]struct {
		sent   string
		status int
		want   url.Values
	}{
		"fields":                     {form(`name="a"`, "1", `name="b"`, "two\r\nlines", `name="a"`, "3"), 200, url.Values{"a": {"1", "3"}, "b": {"two\r\nlines"}}},
		"no fields":                  {form(), 200, url.Values{}},
		"files are skipped":          {form(`name="file"; filename="x.txt"`, "content", `name="a"`, "1"), 200, url.Values{"a": {"1"}}},
		"a file that was not chosen": {form(`name="file"; filename=""`, "", `name="a"`, "1"), 200, url.Values{"a": {"1"}}},
		"a file with a coded name":   {form(`name="file"; filename*=UTF-8''x`, "content", `name="a"`, "1"), 200, url.Values{"a": {"1"}}},
		"no name":                    {form(`title="a"`, "1", `name="a"`, "1"), 200, url.Values{"a": {"1"}}},
		"disposition that is none":   {"--b\r\nContent-Disposition: ;;;\r\n\r\n1\r\n--b--\r\n", 200, url.Values{}},
		"no disposition":             {"--b\r\n\r\n1\r\n--b--\r\n", 200, url.Values{}},
		"field up to the limit":      {form(`name="a"`, long[:1024-101]), 200, url.Values{"a": {long[:1024-101]}}},
		"field just over the limit":  {form(`name="a"`, long[:1024-100]), 413, nil},
		"field over the limit":       {form(`name="a"`, long+"x"), 413, nil},
		"fields over the limit":      {form(`name="a"`, long[:600], `name="a"`, long[:600]), 413, nil},
		"names over the limit":       {form(`name="`+long[:600]+`"`, "", `name="`+long[:600]+`"`, ""), 413, nil},
		"many fields of nothing":     {form(strings.Split(strings.Repeat(`name="a"||`, 100), "|")[:200]...), 413, nil},
		"a file over its limit":      {form(`name="file"; filename="x.txt"`, long+long+"x"), 413, nil},
		"a file up to its limit":     {form(`name="file"; filename="x.txt"`, long+long), 200, url.Values{}},
		"breaks off":                 {"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", 400, nil},
		"breaks off in a head":       {strings.TrimSuffix(form(`name="a"`, "1"), "--\r\n") + "\r\nX: 1", 400, nil},
		"text behind the end":        {form(`name="a"`, "1") + "and more\r\n--b\r\n", 200, url.Values{"a": {"1"}}},
		"ends too early":             {strings.TrimSuffix(form(`name="a"`, "1"), "--b--\r\n"), 400, nil},
		"empty body":                 {"", 400, nil},
		"another boundary":           {"--c--\r\n", 400, nil},
		"last line without its end":  {strings.TrimSuffix(form(`name="a"`, "1"), "\r\n"), 200, url.Values{"a": {"1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, answering(showForm), func(a *app.Application) {
				a.Configure(func(c *app.Config) { c.BodyLimit, c.PartLimit = 1024, 2048 })
			})
			response := post(t, a, test.sent, "Content-Type", formData)
			require.Equal(t, test.status, response.StatusCode)
			if test.want != nil {
				assert.Equal(t, test.want.Encode(), body(t, response))
			} else if test.status == 400 {
				assert.Equal(t, "the multipart body cannot be read", body(t, response))
			}
		})
	}
}

// TestReceiveFormReadsNoFurther: a field that is too long is not taken into
// memory.
func TestReceiveFormReadsNoFurther(t *testing.T) {
	a := start(t, answering(showForm), func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.BodyLimit, c.PartLimit = 1024, 0 })
	})
	sent := &countingReader{Reader: strings.NewReader(form(`name="a"`, strings.Repeat("x", 1<<20)))}
	r := httptest.NewRequest(http.MethodPost, "/", sent)
	r.Header.Set("Content-Type", formData)
	assert.Equal(t, http.StatusRequestEntityTooLarge, do(t, a, r).StatusCode)
	assert.Less(t, sent.read, 64<<10)
}

// TestReceiveFormWithoutLimits: 0 accepts any length.
func TestReceiveFormWithoutLimits(t *testing.T) {
	a := start(t, answering(showForm), func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.BodyLimit, c.PartLimit = 0, 0 })
	})
	long := strings.Repeat("x", 2<<20)
	for contentType, sent := range map[string]string{urlEncoded: "a=" + long, formData: form(`name="a"`, long)} {
		response := post(t, a, sent, "Content-Type", contentType)
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "a="+long, body(t, response))
	}
}
