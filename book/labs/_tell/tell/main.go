// Tells what an ELF file says about itself, without running it: for which
// machine it was built, which loader it asks for, and which libraries.
//
//	tell FILE [TEXT]
//
// TEXT is a file whose lines are printed as well: what another tool said.
package main

import (
	"bufio"
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
)

func main() {
	log.SetFlags(0)
	file, err := elf.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	needs, err := file.ImportedLibraries()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("machine:", strings.ToLower(strings.TrimPrefix(file.Machine.String(), "EM_")))
	fmt.Println("loader:", loader(file))
	fmt.Printf("libraries=%d %s\n", len(needs), strings.Join(needs, " "))
	if info, err := buildinfo.ReadFile(os.Args[1]); err == nil {
		for _, s := range info.Settings {
			switch s.Key {
			case "CGO_ENABLED", "GOARCH", "GOARM":
				fmt.Printf("%s=%s\n", s.Key, s.Value)
			}
		}
	}
	if len(os.Args) > 2 {
		repeat(os.Args[2])
	}
}

// loader is the path in the segment that the kernel looks for, or none.
func loader(file *elf.File) string {
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP {
			path, err := io.ReadAll(p.Open())
			if err != nil {
				log.Fatal(err)
			}
			return strings.TrimRight(string(path), "\x00")
		}
	}
	return "none"
}

func repeat(path string) {
	text, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer text.Close()
	for lines := bufio.NewScanner(text); lines.Scan(); {
		fmt.Println("ldd said:", strings.TrimSpace(lines.Text()))
	}
}
