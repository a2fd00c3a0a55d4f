// Reads eight turbines, each from a thread of its own, since the C part keeps its state there.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"syscall"
)

const turbines = 8

func main() {
	// Not to make a thread: to see how this engine answers. The number is the same on every CPU.
	_, _, errno := syscall.RawSyscall(435, 0, 0, 0)
	fmt.Println("clone3:", errno)

	var sum, read = 0, sync.WaitGroup{}
	watts := make(chan int, turbines)
	for turbine := range turbines {
		read.Add(1)
		go func() {
			defer read.Done()
			runtime.LockOSThread()
			watts <- power(turbine)
		}()
	}
	read.Wait()
	close(watts)
	for one := range watts {
		sum += one
	}
	fmt.Printf("%d turbines read: %d kW\n", turbines, sum)
}
