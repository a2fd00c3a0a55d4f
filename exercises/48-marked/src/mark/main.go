// Mark does what `setcap cap_net_bind_service=ep FILE` does, for builders that have no setcap;
// with -offer, what `setcap cap_net_bind_service=p FILE` does.
package main

import (
	"encoding/binary"
	"flag"
	"log"
	"syscall"
)

const (
	revision2      = 0x02000000
	effective      = 1
	netBindService = 1 << 10
)

func main() {
	offer := flag.Bool("offer", false, "permitted, and not effective from the start")
	flag.Parse()
	mark := make([]byte, 20)
	flags := uint32(revision2 | effective)
	if *offer {
		flags = revision2
	}
	binary.LittleEndian.PutUint32(mark, flags)
	binary.LittleEndian.PutUint32(mark[4:], netBindService)
	if err := syscall.Setxattr(flag.Arg(0), "security.capability", mark, 0); err != nil {
		log.Fatal("mark: ", err)
	}
}
