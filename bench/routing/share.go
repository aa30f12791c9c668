package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// shareOfWalks prints what a test of package routing says, since the table of an
// application is its own: how many endpoints need a walk.
func shareOfWalks(ctx context.Context, out io.Writer) error {
	command := exec.CommandContext(ctx, "go", "test", "-C", "..", "-count=1", "-v", "-run", "^TestShareOfWalks$", "./routing")
	said, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("count walks: %w\n%s", err, said)
	}
	fmt.Fprintln(out)
	lines := bufio.NewScanner(bytes.NewReader(said))
	for lines.Scan() {
		if _, row, found := strings.Cut(lines.Text(), "share: "); found {
			fmt.Fprintln(out, row)
		}
	}
	return lines.Err()
}
