package main

import (
	"strings"

	"github.com/chitor-go/chitor/bench/hubs"
)

// request returns what a client sends: what curl does, or what a browser does for
// an EventSource.
func request(browser bool) string {
	fields := []string{"GET " + hubs.Path + " HTTP/1.1", "Host: localhost:8080"}
	if browser {
		fields = append(fields, browsers()...)
	} else {
		fields = append(fields, "User-Agent: curl/8.14.1", "Accept: */*")
	}
	return strings.Join(fields, "\r\n") + "\r\n\r\n"
}

// browsers returns the fields of Chrome, of which the cookie is the site's.
func browsers() []string {
	return []string{
		"Connection: keep-alive",
		`sec-ch-ua-platform: "Windows"`,
		"User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
		"Accept: text/event-stream",
		`sec-ch-ua: "Google Chrome";v="141", "Not?A_Brand";v="8", "Chromium";v="141"`,
		"Cache-Control: no-cache",
		"sec-ch-ua-mobile: ?0",
		"Sec-Fetch-Site: same-origin",
		"Sec-Fetch-Mode: cors",
		"Sec-Fetch-Dest: empty",
		"Referer: http://localhost:8080/news/today?section=politics&order=newest",
		"Accept-Encoding: gzip, deflate, br, zstd",
		"Accept-Language: en-GB,en-US;q=0.9,en;q=0.8,de;q=0.7",
		"Cookie: session=eyJpZCI6IjdmM2E5YzBlLTQ1ZDItNGIxZi04ZTZhLTkxYzJkM2U0ZjVhNiJ9.c2lnbmF0dXJlLW9mLXRoZS1zZXNzaW9u; " +
			"theme=dark; consent=necessary%2Cstatistics; _ga=GA1.1.1234567890.1758300000; visited=%2Fnews%2C%2Fsport",
	}
}
