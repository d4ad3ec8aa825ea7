package claude

import (
	"context"
	"fmt"
	"os"
)

// fakeHost plays ctpipe itself: it starts a CLI that waits for its own death,
// and says when that is ready. The test then kills the host.
func fakeHost(file string) int {
	p, err := Start(context.Background(), Spec{
		Command: []string{os.Args[0]}, Dir: os.TempDir(), SessionID: testSession,
		Env: []string{fakeVar + "=deathwatch:" + file},
	}, Handler{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	<-p.Ready()
	fmt.Println(p.PID())
	select {}
}
