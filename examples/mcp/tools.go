package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// newServer returns the server with its tools.
func newServer(options *mcp.ServerOptions) *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{Name: "chitor-mcp", Version: "1.0.0"}, options)
	mcp.AddTool(server, &mcp.Tool{Name: "count", Description: "Counts, and tells of each number."}, count)
	return server
}

// Counting is what the tool count is asked for.
type Counting struct {
	To    int `json:"to" jsonschema:"the last number, 1 to 1000"`
	Pause int `json:"pause,omitempty" jsonschema:"the milliseconds between two numbers, 1000 by default, 60000 at most"`
}

// Counted is what it answers.
type Counted struct {
	Numbers int    `json:"numbers"`
	For     string `json:"for"`
}

func count(ctx context.Context, r *mcp.CallToolRequest, in Counting) (*mcp.CallToolResult, Counted, error) {
	if in.To < 1 || in.To > 1000 || in.Pause < 0 || in.Pause > 60_000 {
		return nil, Counted{}, errors.New("the last number is 1 to 1000, and the pause 0 to 60000 ms")
	}
	pause := time.Duration(in.Pause) * time.Millisecond
	if pause == 0 {
		pause = time.Second
	}
	for i := 1; i <= in.To; i++ {
		if token := r.Params.GetProgressToken(); token != nil {
			// It returns an error if it cannot be stored. The count goes on.
			_ = r.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
				ProgressToken: token, Progress: float64(i), Total: float64(in.To), Message: fmt.Sprintf("%d of %d", i, in.To),
			})
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done(): // cancelled, or this process stops
			return nil, Counted{}, context.Cause(ctx)
		}
	}
	return nil, Counted{Numbers: in.To, For: r.Extra.TokenInfo.UserID}, nil
}
