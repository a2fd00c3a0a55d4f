// Asks a registry for an image. Which of the images behind a name is taken, that
// is decided by code of containerd: what Kubernetes pulls with, and Docker with
// containerd's store. The registry is a small one of this program's own, and
// holds what the command line says:
//
//	pull [-alone] [-platform P] HAS …
//
// HAS is a platform, such as linux/s390x, or `this` or `other` for the CPU of this
// machine and the one that it has not. With -alone the image is pushed without an
// index, the list that says what there is for which platform.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"runtime"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/platforms"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

func main() {
	log.SetFlags(0)
	alone := flag.Bool("alone", false, "push without an index")
	wanted := flag.String("platform", "this", "what to ask for")
	flag.Parse()

	var has []ocispec.Platform
	for _, word := range flag.Args() {
		has = append(has, platform(word))
	}
	registry := &registry{things: map[digest.Digest]thing{}}
	if *alone {
		registry.pushManifest(has[0])
	} else {
		registry.pushIndex(has)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(listener, registry)

	want := platform(*wanted)
	fmt.Println("asked for:", platforms.Format(want))
	got, err := pull(context.Background(), remote("http://"+listener.Addr().String()+"/v2/shop"), want)
	if err != nil {
		log.Fatal("pull: ", err)
	}
	fmt.Printf("pulled: %s, on a %s machine\n", platforms.Format(got), platforms.Format(platform("this")))
}

// pull has containerd choose the manifest, and reads what that image says of itself.
func pull(ctx context.Context, shop remote, want ocispec.Platform) (ocispec.Platform, error) {
	var image ocispec.Image
	top, err := shop.resolve("v1")
	if err != nil {
		return image.Platform, err
	}
	manifest, err := images.Manifest(ctx, shop, top, platforms.Only(want))
	if err != nil {
		return image.Platform, err
	}
	config, err := content.ReadBlob(ctx, shop, manifest.Config)
	if err != nil {
		return image.Platform, err
	}
	err = json.Unmarshal(config, &image)
	return image.Platform, err
}

// remote is the address of an image in a registry.
type remote string

// resolve asks what a tag stands for at the moment.
func (r remote) resolve(tag string) (ocispec.Descriptor, error) {
	answer, err := http.Head(string(r) + "/manifests/" + tag)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	defer answer.Body.Close()
	return ocispec.Descriptor{
		MediaType: answer.Header.Get("Content-Type"),
		Digest:    digest.Digest(answer.Header.Get("Docker-Content-Digest")),
		Size:      answer.ContentLength,
	}, nil
}

// ReaderAt fetches a thing by its digest; containerd asks for what it wants to see.
func (r remote) ReaderAt(_ context.Context, what ocispec.Descriptor) (content.ReaderAt, error) {
	answer, err := http.Get(string(r) + "/blobs/" + what.Digest.String())
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	return reader{bytes.NewReader(all)}, err
}

type reader struct{ *bytes.Reader }

func (reader) Close() error { return nil }

// platform reads a platform, or one of the two words for them.
func platform(word string) ocispec.Platform {
	this, other := "linux/amd64", "linux/arm64"
	if runtime.GOARCH == "arm64" {
		this, other = other, this
	}
	switch word {
	case "this":
		word = this
	case "other":
		word = other
	}
	parsed, err := platforms.Parse(word)
	if err != nil {
		log.Fatal(err)
	}
	return parsed
}
