package park_test

import (
	"fmt"
	"io"
	"net"
	"time"

	"github.com/chitor-go/chitor/internal/park"
)

func Example() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer listener.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	accepted, err := listener.Accept()
	if err != nil {
		fmt.Println(err)
		return
	}

	var poller park.Poller
	defer poller.Close()
	conn := poller.Take(accepted, true, func() { fmt.Println("the client has gone") })
	fmt.Println(conn.Write([]byte("data: 1\n\n"), time.Second, nil))
	conn.End(nil)
	got, err := io.ReadAll(client)
	fmt.Printf("%q %v\n", got, err)

	// Output:
	// <nil>
	// "9\r\ndata: 1\n\n\r\n0\r\n\r\n" <nil>
}
