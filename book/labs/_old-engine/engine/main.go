// Engine stands for an engine's seccomp profile. It has the kernel refuse one system call, clone3,
// from now on and for whatever it turns into, with the error that it is told to; then it turns
// into the program.
package main

import (
	"log"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

const (
	setSeccomp, filterMode = 22, 2
	noNewPrivileges        = 38
	clone3                 = 435 // on every CPU
	allow, refuse          = 0x7fff0000, 0x00050000
)

func main() {
	answers := map[string]syscall.Errno{"EPERM": syscall.EPERM, "ENOSYS": syscall.ENOSYS}
	answer, known := answers[os.Args[1]]
	if !known {
		log.Fatal("engine: EPERM or ENOSYS?")
	}
	rules := []syscall.SockFilter{
		{Code: syscall.BPF_LD | syscall.BPF_W | syscall.BPF_ABS, K: 0}, // the call's number
		{Code: syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K, Jt: 0, Jf: 1, K: clone3},
		{Code: syscall.BPF_RET | syscall.BPF_K, K: refuse | uint32(answer)},
		{Code: syscall.BPF_RET | syscall.BPF_K, K: allow},
	}
	profile := syscall.SockFprog{Len: uint16(len(rules)), Filter: &rules[0]}

	runtime.LockOSThread() // the filter is for this thread, and so is exec
	control(noNewPrivileges, 1, 0)
	control(setSeccomp, filterMode, uintptr(unsafe.Pointer(&profile)))
	log.Fatal("engine: ", syscall.Exec(os.Args[2], os.Args[2:], os.Environ()))
}

func control(what, a, b uintptr) {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, what, a, b, 0, 0, 0)
	if errno != 0 {
		log.Fatalf("engine: prctl %d: %v", what, errno)
	}
}
