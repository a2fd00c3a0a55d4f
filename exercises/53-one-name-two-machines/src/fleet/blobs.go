package main

import (
	"bytes"
	"context"
	_ "crypto/sha256" // digests are made with it
	"encoding/json"
	"errors"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/platforms"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// blobs is a registry without a network: everything by its digest.
type blobs map[digest.Digest][]byte

// publish puts an image for each entry, and returns what the name stands for then.
func (b blobs) publish(shop release) (ocispec.Descriptor, error) {
	index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}
	for _, one := range shop.Images {
		platform, err := platforms.Parse(one.Platform)
		if err != nil {
			return ocispec.Descriptor{}, err
		}
		config := b.put(ocispec.MediaTypeImageConfig, ocispec.Image{
			Platform: platform,
			Config:   ocispec.ImageConfig{Entrypoint: []string{one.Program}},
		})
		manifest := b.put(ocispec.MediaTypeImageManifest, ocispec.Manifest{
			Versioned: specs.Versioned{SchemaVersion: 2},
			MediaType: ocispec.MediaTypeImageManifest,
			Config:    config,
			Layers:    []ocispec.Descriptor{},
		})
		manifest.Platform = &platform
		index.Manifests = append(index.Manifests, manifest)
	}
	if !shop.Index {
		alone := index.Manifests[0]
		alone.Platform = nil // nothing in front of it says what it is for
		return alone, nil
	}
	return b.put(ocispec.MediaTypeImageIndex, index), nil
}

func (b blobs) put(kind string, what any) ocispec.Descriptor {
	text, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	id := digest.FromBytes(text)
	b[id] = text
	return ocispec.Descriptor{MediaType: kind, Digest: id, Size: int64(len(text))}
}

// ReaderAt is what containerd asks a store for.
func (b blobs) ReaderAt(_ context.Context, what ocispec.Descriptor) (content.ReaderAt, error) {
	text, ok := b[what.Digest]
	if !ok {
		return nil, errors.New("not in this registry: " + what.Digest.String())
	}
	return blob{bytes.NewReader(text)}, nil
}

type blob struct{ *bytes.Reader }

func (blob) Close() error { return nil }
