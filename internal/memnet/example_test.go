package memnet_test

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/chitor-go/chitor/internal/memnet"
)

func Example() {
	listener := memnet.Listen(memnet.Buffer(16 << 10))
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "Hello,", r.RemoteAddr)
	})}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()

	client := &http.Client{Transport: &http.Transport{DialContext: listener.DialContext}}
	response, err := client.Get("http://any.name/")
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	fmt.Print(string(body), err, "\n")

	fmt.Println(server.Shutdown(context.Background()))
	fmt.Println(<-served)
	_, err = listener.Dial(context.Background())
	fmt.Println(err)

	// Output:
	// Hello, 192.0.2.2:1024
	// <nil>
	// <nil>
	// http: Server closed
	// dial memory 192.0.2.1:80: connection refused
}
