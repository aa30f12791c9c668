package websockets_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/coder/websocket"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(websockets.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			websockets.Handle(r, "/shout", func(s *websockets.Session) error {
				message, err := s.Receive()
				if err != nil {
					return err
				}
				return s.SendText(strings.ToUpper(message.Text()))
			})
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(application)
	defer server.Close()

	client, _, err := websocket.Dial(ctx, server.URL+"/shout", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := client.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
		fmt.Println(err)
	}
	_, data, err := client.Read(ctx)
	fmt.Println(string(data), err)
	_, _, err = client.Read(ctx)
	fmt.Println(websocket.CloseStatus(err))
	fmt.Println(application.Stop(ctx))

	// Output:
	// HELLO <nil>
	// StatusNormalClosure
	// <nil>
}
