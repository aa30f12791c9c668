package websockets_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/coder/websocket"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

// A chat: what one client says, all hear, those with an event stream as well.
func ExampleSession_Deliver() {
	application := app.New(func(a *app.Application) {
		a.Install(sse.Plugin)
		a.Install(websockets.Plugin)
		hub := sse.NewHub(a)
		routing.Routes(a, func(r *routing.Route) {
			websockets.Handle(r, "/chat", func(s *websockets.Session) error {
				if err := hub.Join(s, "chat"); err != nil { // does not block
					return err
				}
				for {
					message, err := s.Receive()
					if err != nil {
						return err
					}
					if err := hub.Publish(s.Context(), "chat", sse.Event{Data: message.Text()}); err != nil {
						return err
					}
				}
			})
			r.SSE("/chat/stream", func(s *sse.Session) error { return hub.Join(s, "chat") })
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(application)
	defer server.Close()

	client, _, err := websocket.Dial(ctx, server.URL+"/chat", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := client.Write(ctx, websocket.MessageText, []byte("Hello, all!")); err != nil {
		fmt.Println(err)
	}
	_, data, err := client.Read(ctx)
	fmt.Println(string(data), err)
	_ = client.CloseNow()
	fmt.Println(application.Stop(ctx))

	// Output:
	// Hello, all! <nil>
	// <nil>
}
