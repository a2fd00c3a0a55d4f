// Look prints the sections of a program: what its file is made of.
package main

import (
	"debug/elf"
	"fmt"
	"os"
	"strings"
)

// groups says what a section is for, by how its name begins; the first fits.
var groups = []struct{ begins, title string }{
	{".text", "machine code"},
	{".gopclntab", "function table"},
	{".rodata", "constants"},
	{".typelink", "constants"},
	{".itablink", "constants"},
	{".go.buildinfo", "build information"},
	{".go.module", "variables"},
	{".data", "variables"},
	{".noptrdata", "variables"},
	{".debug_", "DWARF"},
	{".symtab", "symbol table"},
	{".strtab", "symbol table"},
}

func main() {
	file, err := elf.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	info, err := os.Stat(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	rest := info.Size()
	for _, section := range file.Sections {
		size := int64(section.FileSize)
		if section.Type == elf.SHT_NOBITS || section.Type == elf.SHT_NULL {
			continue // it has a place in memory, and none in the file
		}
		where := "on disk only"
		if section.Flags&elf.SHF_ALLOC != 0 {
			where = "in memory"
		}
		rest -= size
		fmt.Printf("%-20s %9d bytes %5.1f %%  %-12s  %s\n", section.Name, size,
			100*float64(size)/float64(info.Size()), where, title(section.Name))
	}
	fmt.Printf("%-20s %9d bytes %5.1f %%\n", "headers and gaps", rest,
		100*float64(rest)/float64(info.Size()))
}

func title(name string) string {
	for _, group := range groups {
		if strings.HasPrefix(name, group.begins) {
			return group.title
		}
	}
	return "other"
}
