// Command whistle is the service behind 企业吹哨、部门报到, and the tools to
// operate it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the static image has no time zones of its own
)

// version is set when the binary is built.
var version = "dev"

// Exit codes.
const (
	exitWrong = 1 // the command found something wrong, or could not do its work
	exitUsage = 2 // the command was called wrongly
)

// errWrong says that a command found something wrong and has said what.
var errWrong = errors.New("found wrong")

// usageError is a fault of the call or of the configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errWrong):
		return exitWrong
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "whistle: %v\nSee whistle --help.\n", err)
		return exitUsage
	}
	fmt.Fprintf(os.Stderr, "whistle: %v\n", err)
	return exitWrong
}
