// Check says of a program what checkers of hardening say, from its file, and
// then of itself where its code lies in memory, each time it is started.
package main

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"reflect"
)

func main() {
	if len(os.Args) == 1 {
		fmt.Printf("%#x\n", reflect.ValueOf(main).Pointer())
		return
	}
	if err := check(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	file, err := elf.NewFile(bytes.NewReader(raw))
	if err != nil {
		return err
	}

	say("pie", file.Type == elf.ET_DYN, "type "+file.Type.String())
	stack := segment(file, elf.PT_GNU_STACK)
	say("nx", stack != nil && stack.Flags&elf.PF_X == 0, "a stack that holds no code")
	relro := segment(file, elf.PT_GNU_RELRO) != nil
	say("relro", relro, "tables of addresses are made read-only")
	say("relro_full", relro && bindsAtOnce(file), "all of them, since all are filled in at the start")
	say("canary", bytes.Contains(raw, []byte("__stack_chk_fail")), "C code that guards its return addresses")
	say("interpreter", segment(file, elf.PT_INTERP) != nil, "asks for a loader")

	places := map[string]bool{}
	for range 4 {
		place, err := exec.Command("/proc/self/exe").Output()
		if err != nil {
			return err
		}
		fmt.Printf("main of this checker is at %s", place)
		places[string(place)] = true
	}
	fmt.Printf("places=%d\n", len(places))
	return nil
}

func say(what string, yes bool, meaning string) {
	number := map[bool]int{true: 1}[yes]
	fmt.Printf("%-13s %s\n", fmt.Sprintf("%s=%d", what, number), meaning)
}

func segment(file *elf.File, kind elf.ProgType) *elf.Prog {
	for _, segment := range file.Progs {
		if segment.Type == kind {
			return segment
		}
	}
	return nil
}

// bindsAtOnce reports whether the loader is told to look all functions up
// before the program runs, so that no table has to stay writable.
func bindsAtOnce(file *elf.File) bool {
	flags, _ := file.DynValue(elf.DT_FLAGS)
	flags1, _ := file.DynValue(elf.DT_FLAGS_1)
	now, _ := file.DynValue(elf.DT_BIND_NOW)
	for _, flag := range flags {
		if elf.DynFlag(flag)&elf.DF_BIND_NOW != 0 {
			return true
		}
	}
	for _, flag := range flags1 {
		if elf.DynFlag1(flag)&elf.DF_1_NOW != 0 {
			return true
		}
	}
	return len(now) > 0
}
