// Asks for threads: a few, as every Go program does, or as many as it is told to.
package main

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
)

func main() {
	threads := flag.Int("threads", 4, "threads that are all in use at once")
	flag.Parse()

	var started, done sync.WaitGroup
	end := make(chan struct{})
	for range *threads {
		started.Add(1)
		done.Add(1)
		go func() {
			runtime.LockOSThread() // this thread is mine until the end
			started.Done()
			<-end
			done.Done()
		}()
	}
	started.Wait()
	fmt.Printf("%d threads, made by %s\n", *threads, threadsBy())
	close(end)
	done.Wait()
}
