// A pantry that keeps books about itself: it compares its bill of materials with what it was made of.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Where the bill lies: beside the program.
const file = "/sbom.spdx.json"

// What we read of an SPDX document.
type bill struct {
	Version  string `json:"spdxVersion"`
	Packages []struct {
		Name      string `json:"name"`
		Version   string `json:"versionInfo"`
		Checksums []struct {
			Value string `json:"checksumValue"`
		} `json:"checksums"`
	} `json:"packages"`
}

func main() {
	printer := message.NewPrinter(language.German)
	printer.Printf("jars on the shelf: %d\n", 12500)
	if err := compare(); err != nil {
		fmt.Println("bill of materials:", err)
		return
	}
	fmt.Println("bill of materials: complete, and of this very program")
}

func compare() error {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is none at " + file)
	}
	if err != nil {
		return err
	}
	var got bill
	if err := json.Unmarshal(text, &got); err != nil || got.Version == "" {
		return errors.New("not an SPDX document")
	}
	info, _ := debug.ReadBuildInfo()
	versions := map[string]string{}
	sums := map[string]bool{}
	for _, one := range got.Packages {
		versions[one.Name] = one.Version
		for _, sum := range one.Checksums {
			sums[sum.Value] = true
		}
	}
	if _, listed := versions[info.Main.Path]; !listed {
		return errors.New("of another program: " + info.Main.Path + " is not listed")
	}
	for _, module := range info.Deps {
		if versions[module.Path] != module.Version {
			return errors.New("incomplete: " + module.Path + " " + module.Version + " is not listed")
		}
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(self)
	if !sums[hex.EncodeToString(sum[:])] {
		return errors.New("of another build: no checksum is that of this program")
	}
	return nil
}
