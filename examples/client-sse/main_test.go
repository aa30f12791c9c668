package main

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// server has the streams of the example server-sse that the client reads.
func server(a *app.Application) {
	a.Install(sse.Plugin)
	routing.Routes(a, func(r *routing.Route) {
		r.SSE("/events", func(s *sse.Session) error {
			for i := range 6 {
				if err := s.Send(sse.Event{Data: fmt.Sprintf("this is SSE #%d", i)}); err != nil {
					return err
				}
				if err := s.Delay(time.Second); err != nil {
					return err
				}
			}
			return nil
		})
		r.SSE("/json", func(s *sse.Session) error {
			if err := s.SendValue(Customer{0, "Jet", "Brains"}); err != nil {
				return err
			}
			return s.SendValue(Product{0, []int{100, 200}})
		}, sse.Serialize(sse.JSON))
	})
}

func TestRun(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.Start(t, server, mode)
			began := time.Now()
			var out strings.Builder
			assert.NoError(t, run(t.Context(), host.Client(), host.URL, &out))
			var want strings.Builder
			for i := range 6 {
				fmt.Fprintf(&want, "Event from server:\n{Data:this is SSE #%d Event: ID: Retry:0s Comments:}\n", i)
			}
			want.WriteString("Customer: {ID:0 FirstName:Jet LastName:Brains}\nProduct: {ID:0 Prices:[100 200]}\n")
			assert.Equal(t, want.String(), out.String())
			assert.Equal(t, 6*time.Second, time.Since(began))
		})
	})
}

func TestRunWithoutAServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(*app.Application) {})
		var out strings.Builder
		err := run(t.Context(), host.Client(), host.URL, &out)
		assert.EqualError(t, err, "open event stream: expected status 200 but was 404")
		assert.Empty(t, out.String())
	})
}
