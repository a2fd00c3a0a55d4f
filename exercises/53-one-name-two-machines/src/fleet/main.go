// Fleet publishes an image for each entry of release.json and lets two machines pull it by its one
// name. Which image a machine gets is decided by containerd's code; whether it starts there, by
// the head of the program in it.
package main

import (
	"context"
	"debug/elf"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/platforms"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// release is what is published under the name shop:v1.
type release struct {
	Index  bool    // a list in front, that says which image is for whom
	Images []image // without a list there is one, the first
}

type image struct {
	Platform string // what it says of itself
	Program  string // the file in it
}

var machines = map[string]elf.Machine{"linux/amd64": elf.EM_X86_64, "linux/arm64": elf.EM_AARCH64}

func main() {
	log.SetFlags(0)
	var shop release
	text, err := os.ReadFile("/release.json")
	if err == nil {
		err = json.Unmarshal(text, &shop)
	}
	if err != nil {
		log.Fatal("release.json: ", err)
	}
	if len(shop.Images) == 0 {
		log.Fatal("release.json: no images")
	}
	store := blobs{}
	name, err := store.publish(shop)
	if err != nil {
		log.Fatal("publish: ", err)
	}
	failed := false
	for _, machine := range []string{"linux/amd64", "linux/arm64"} {
		if err := store.start(name, machine); err != nil {
			fmt.Printf("%s: %v\n", machine, err)
			failed = true
			continue
		}
		fmt.Printf("%s: shop starts\n", machine)
	}
	if failed {
		os.Exit(1)
	}
}

// start has a machine pull what the name stands for, and execute it.
func (b blobs) start(name ocispec.Descriptor, machine string) error {
	ctx := context.Background()
	manifest, err := images.Manifest(ctx, b, name, platforms.Only(platforms.MustParse(machine)))
	if err != nil {
		return fmt.Errorf("pull: %w", err)
	}
	text, err := content.ReadBlob(ctx, b, manifest.Config)
	if err != nil {
		return err
	}
	var config ocispec.Image
	if err := json.Unmarshal(text, &config); err != nil {
		return err
	}
	program, err := elf.Open(config.Config.Entrypoint[0])
	if err != nil {
		return err
	}
	defer program.Close()
	if program.Machine != machines[machine] {
		return fmt.Errorf("exec %s: exec format error (the image says %s, the program is for %v)",
			config.Config.Entrypoint[0], platforms.Format(config.Platform), program.Machine)
	}
	return nil
}
