package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"path"

	"github.com/containerd/platforms"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// registry keeps what was pushed, by digest; one tag, v1, names the last of it.
type registry struct {
	things map[digest.Digest]thing
	v1     ocispec.Descriptor
}

type thing struct {
	kind string
	body []byte
}

// push keeps a thing and returns how others refer to it.
func (r *registry) push(kind string, what any) ocispec.Descriptor {
	body, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	id := digest.NewDigestFromBytes(digest.SHA256, sum(body))
	r.things[id] = thing{kind, body}
	r.v1 = ocispec.Descriptor{MediaType: kind, Digest: id, Size: int64(len(body))}
	return r.v1
}

// pushManifest pushes an image for one platform, without any layers.
func (r *registry) pushManifest(platform ocispec.Platform) ocispec.Descriptor {
	config := r.push(ocispec.MediaTypeImageConfig, ocispec.Image{Platform: platform})
	return r.push(ocispec.MediaTypeImageManifest, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: ocispec.MediaTypeImageManifest,
		Config:    config,
		Layers:    []ocispec.Descriptor{},
	})
}

// pushIndex pushes a list of images, one for each platform.
func (r *registry) pushIndex(all []ocispec.Platform) {
	index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}
	for _, platform := range all {
		manifest := r.pushManifest(platform)
		manifest.Platform = &platform
		index.Manifests = append(index.Manifests, manifest)
		fmt.Println("in the index:", platforms.Format(platform), manifest.Digest)
	}
	r.push(ocispec.MediaTypeImageIndex, index)
}

// ServeHTTP answers as registries do: /v2/shop/manifests/v1, /v2/shop/blobs/sha256:…
func (r *registry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	name := path.Base(request.URL.Path)
	if name == "v1" {
		name = r.v1.Digest.String()
	}
	found, ok := r.things[digest.Digest(name)]
	if !ok {
		http.NotFound(w, request)
		return
	}
	w.Header().Set("Content-Type", found.kind)
	w.Header().Set("Content-Length", fmt.Sprint(len(found.body)))
	w.Header().Set("Docker-Content-Digest", name)
	if request.Method != http.MethodHead {
		w.Write(found.body)
	}
}

func sum(body []byte) []byte {
	hash := sha256.Sum256(body)
	return hash[:]
}
