package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// witness watches every directory of the image, starts the service, and waits for its answer.
func witness() error {
	inotify, err := syscall.InotifyInit1(syscall.IN_NONBLOCK | syscall.IN_CLOEXEC)
	if err != nil {
		return err
	}
	folders, total, err := watch(inotify)
	if err != nil {
		return err
	}

	start := time.Now()
	service := exec.Command("/app", "serve")
	if err := service.Start(); err != nil {
		return err
	}
	defer service.Process.Kill()
	if err := firstAnswer(); err != nil {
		return err
	}
	took := time.Since(start)

	paged, err := pagesOfFiles(service.Process.Pid)
	if err != nil {
		return err
	}
	opened, err := openedFiles(inotify, folders)
	if err != nil {
		return err
	}
	var bytesOpened int64
	for path, size := range opened {
		fmt.Printf("opened: %s, %d bytes\n", path, size)
		bytesOpened += size
	}
	fmt.Printf("files: %d bytes in %d folders\n", total, len(folders))
	fmt.Printf("opened=%.1f%% of them, unopened=%.1f%%\n", share(bytesOpened, total), 100-share(bytesOpened, total))
	fmt.Printf("paged=%d bytes, which is used=%.1f%%\n", paged, share(paged, total))
	fmt.Printf("first answer after %.1f ms\n", float64(took.Microseconds())/1000)
	return nil
}

// watch adds up the files of the image and asks to be told when one is opened.
func watch(inotify int) (map[int32]string, int64, error) {
	folders := map[int32]string{}
	var total int64
	var root syscall.Stat_t
	if err := syscall.Stat("/", &root); err != nil {
		return nil, 0, err
	}
	err := filepath.WalkDir("/", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir // a folder that this user may not read
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		stat := info.Sys().(*syscall.Stat_t)
		if entry.IsDir() {
			if stat.Dev != root.Dev {
				return fs.SkipDir // /proc, /sys, /dev: the engine's, not the image's
			}
			mark, err := syscall.InotifyAddWatch(inotify, path, syscall.IN_OPEN)
			if err == syscall.EACCES {
				return fs.SkipDir
			}
			if err != nil {
				return fmt.Errorf("watching %s: %w", path, err)
			}
			folders[int32(mark)] = path
		} else if entry.Type().IsRegular() {
			total += info.Size()
		}
		return nil
	})
	return folders, total, err
}

func firstAnswer() error {
	for range make([]struct{}, 2000) {
		response, err := http.Get("http://127.0.0.1:8080/")
		if err == nil {
			return response.Body.Close()
		}
		time.Sleep(time.Millisecond)
	}
	return fmt.Errorf("no answer")
}

// openedFiles reads what inotify noted: the regular files, each once.
func openedFiles(inotify int, folders map[int32]string) (map[string]int64, error) {
	opened := map[string]int64{}
	buffer := make([]byte, 1<<16)
	for {
		n, err := syscall.Read(inotify, buffer)
		if err == syscall.EAGAIN {
			return opened, nil
		}
		if err != nil {
			return nil, err
		}
		for at := 0; at+syscall.SizeofInotifyEvent <= n; {
			mark := int32(binary.NativeEndian.Uint32(buffer[at:]))
			length := int(binary.NativeEndian.Uint32(buffer[at+12:]))
			name := buffer[at+syscall.SizeofInotifyEvent:][:length]
			at += syscall.SizeofInotifyEvent + length
			path := filepath.Join(folders[mark], string(bytes.TrimRight(name, "\x00")))
			if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
				opened[path] = info.Size()
			}
		}
	}
}

// pagesOfFiles tells how much of the files that are mapped into a process is in its memory. The kernel
// maps neighbours of a page that is asked for, so this is more than was looked at, never less.
func pagesOfFiles(pid int) (int64, error) {
	smaps, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		return 0, err
	}
	var sum int64
	file := false
	for _, line := range bytes.Split(smaps, []byte("\n")) {
		words := bytes.Fields(line)
		if len(words) >= 5 && bytes.Contains(words[0], []byte("-")) {
			file = len(words) == 6 && words[5][0] == '/'
		}
		var kib int64
		if file && len(words) == 3 && string(words[0]) == "Rss:" {
			fmt.Sscan(string(words[1]), &kib)
			sum += kib * 1024
		}
	}
	return sum, nil
}

func share(part, whole int64) float64 { return float64(part) / float64(whole) * 100 }
