package compat_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/chitor-go/chitor/apptest"
)

const (
	connectModule = "connectrpc.com/connect"
	service       = "/compat.Words"
)

type word = wrapperspb.StringValue

func rpcRows() []mountedRow {
	h2c := []apptest.Option{apptest.H2C()}
	return []mountedRow{
		connectRow("connect", "by HTTP/1.1: a call, a stream of a server at each step, an error", nil, tryWords()),
		connectRow("connect, gRPC-Web", "the same", nil, tryWords(connect.WithGRPCWeb())),
		connectRow("connect, h2c", "the same", h2c, tryWords()),
		connectRow("connect, gRPC over h2c", "the same", h2c, tryWords(connect.WithGRPC())),
		connectRow("connect, both directions over h2c", "each word is answered before the next is sent, two minutes later", h2c, tryBoth()),
		connectRow("connect, both directions, gRPC over h2c", "the same", h2c, tryBoth(connect.WithGRPC())),
		{
			name: "grpc-go Server.ServeHTTP", module: "google.golang.org/grpc", path: "/grpc.health.v1.Health",
			shows:   "over h2c: a call, a stream of a server that goes on, an error with its code",
			options: h2c,
			handler: func(t *testing.T) http.Handler {
				server := grpc.NewServer()
				t.Cleanup(server.Stop)
				checks := health.NewServer()
				t.Cleanup(checks.Shutdown)
				grpc_health_v1.RegisterHealthServer(server, checks)
				return server
			},
			try: tryHealth,
		},
	}
}

func connectRow(name, shows string, options []apptest.Option, try func(*testing.T, *apptest.Host)) mountedRow {
	return mountedRow{name: name, module: connectModule, path: service, shows: shows, options: options, handler: words, try: try}
}

// words is a service that repeats what it is told.
func words(*testing.T) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(service+"/Say", connect.NewUnaryHandler(service+"/Say",
		func(_ context.Context, request *connect.Request[word]) (*connect.Response[word], error) {
			if request.Msg.GetValue() == "" {
				return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("no word"))
			}
			return connect.NewResponse(request.Msg), nil
		}))
	mux.Handle(service+"/Repeat", connect.NewServerStreamHandler(service+"/Repeat",
		func(ctx context.Context, request *connect.Request[word], stream *connect.ServerStream[word]) error {
			for range 3 {
				if err := stream.Send(request.Msg); err != nil {
					return err
				}
				takeStep(ctx.Done())
			}
			return nil
		}))
	mux.Handle(service+"/Talk", connect.NewBidiStreamHandler(service+"/Talk",
		func(_ context.Context, stream *connect.BidiStream[word, word]) error {
			for {
				said, err := stream.Receive()
				if errors.Is(err, io.EOF) {
					return nil
				} else if err != nil {
					return err
				}
				if err := stream.Send(said); err != nil {
					return err
				}
			}
		}))
	return mux
}

func tryWords(options ...connect.ClientOption) func(*testing.T, *apptest.Host) {
	return func(t *testing.T, host *apptest.Host) {
		say := connect.NewClient[word, word](host.Client(), host.URL+service+"/Say", options...)
		said, err := say.CallUnary(t.Context(), connect.NewRequest(wrapperspb.String("hello")))
		require.NoError(t, err)
		assert.Equal(t, "hello", said.Msg.GetValue())
		_, err = say.CallUnary(t.Context(), connect.NewRequest(wrapperspb.String("")))
		assert.Equal(t, connect.CodeInvalidArgument, connect.CodeOf(err))
		assert.ErrorContains(t, err, "no word")

		repeat := connect.NewClient[word, word](host.Client(), host.URL+service+"/Repeat", options...)
		stream, err := repeat.CallServerStream(t.Context(), connect.NewRequest(wrapperspb.String("hello")))
		require.NoError(t, err)
		began := startWatch()
		for i := range 3 {
			require.True(t, stream.Receive(), stream.Err())
			assert.Equal(t, "hello", stream.Msg().GetValue())
			assert.Equal(t, i, began.steps(), "the step of a word")
		}
		assert.False(t, stream.Receive())
		require.NoError(t, stream.Err())
		require.NoError(t, stream.Close())
	}
}

func tryBoth(options ...connect.ClientOption) func(*testing.T, *apptest.Host) {
	return func(t *testing.T, host *apptest.Host) {
		talk := connect.NewClient[word, word](host.Client(), host.URL+service+"/Talk", options...)
		stream := talk.CallBidiStream(t.Context())
		for _, text := range []string{"one", "two", "three"} {
			require.NoError(t, stream.Send(wrapperspb.String(text)))
			said, err := stream.Receive()
			require.NoError(t, err)
			assert.Equal(t, text, said.GetValue())
			<-time.After(2 * time.Minute) // a client may be silent in between
		}
		require.NoError(t, stream.CloseRequest())
		_, err := stream.Receive()
		require.ErrorIs(t, err, io.EOF)
		require.NoError(t, stream.CloseResponse())
	}
}

func tryHealth(t *testing.T, host *apptest.Host) {
	conn, err := grpc.NewClient("passthrough:///host",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return host.Dial(), nil }))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	client := grpc_health_v1.NewHealthClient(conn)

	got, err := client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	require.NoError(t, err)
	assert.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, got.GetStatus())
	_, err = client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: "unknown"})
	assert.ErrorContains(t, err, "NotFound")

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	watch, err := client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
	require.NoError(t, err)
	got, err = watch.Recv() // while the handler still watches
	require.NoError(t, err)
	assert.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, got.GetStatus())
}
