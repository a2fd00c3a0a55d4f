# Lays out what cases copy beside the programs: what the bases lack, whole and damaged.
set -eu
mkdir -p /files && cd /files

mkdir -p certs empty-certs zones zip
cp /etc/ssl/certs/ca-certificates.crt certs/
: >empty-certs/ca-certificates.crt
cp /src/trust/public.pem certs/
for zone in Europe/Berlin America/New_York Etc/UTC UTC; do
    mkdir -p "zones/$(dirname $zone)"
    cp -L "/usr/share/zoneinfo/$zone" "zones/$zone"
done
mkdir -p utc-zones/Etc && cp zones/UTC utc-zones/ && cp zones/Etc/UTC utc-zones/Etc/
mkdir -p der-certs && openssl x509 -in certs/public.pem -outform der -out der-certs/ca-certificates.crt
mkdir -p other-zones/Asia && cp -L /usr/share/zoneinfo/Asia/Tokyo other-zones/Asia/
cp /usr/local/go/lib/time/zoneinfo.zip zip/

# Users: one, and its group; nobody else.
printf 'root:x:0:0:root:/root:/sbin/nologin\napp:x:4242:4242::/home/app:/sbin/nologin\nnobody:x:65534:65534::/:/sbin/nologin\n' >passwd
printf 'root:x:0:\napp:x:4242:\n' >group

# Places for temporary files.
mkdir -p open closed && chmod 1777 open && chmod 755 closed

# Scripts.
printf '#!/bin/sh\nexec "$@"\n' >entry.sh
printf '#!/bin/sh\nset -e\nexec /app "$@"\n' >exec-app.sh
printf '#!/bin/sh\necho started: script\n' >script.sh
printf '#!/bin/bash\necho started: script\n' >bash.sh
printf '#!/usr/bin/env sh\necho started: script\n' >env.sh
printf '#!/usr/bin/env bash\necho started: script\n' >env-bash.sh
printf '#!/bin/sh\r\necho started: script\r\n' >windows.sh
printf '\357\273\277#!/bin/sh\necho started: script\n' >bom.sh
printf '#!/interpreter\nechoes nothing\n' >own.sh
printf 'echo started: script\n' >bare.sh
printf '#!/bin/sh\nset -e\nif [ "${1#-}" != "$1" ]; then\n\tset -- /app "$@"\nfi\nexec "$@"\n' >official.sh
printf '#!/bin/sh\ncd /srv\nexec "$@"\n' >moves.sh
printf '#!/bin/sh\nexport PATH="/srv:$PATH"\nexec "$@"\n' >path.sh
printf 'export PATH="/srv:$PATH"\n' >profile.sh
printf '#!/bin/sh\nset -e\n/app "$@"\n' >runs-app.sh
printf '#!/bin/sh\ntrap "kill \$!; wait; exit 0" TERM\n/app "$@" &\nwait\n' >traps.sh
printf '#!/bin/sh\nif [ "$1" = other ]; then exec /other; fi\nexec /app\n' >chooses.sh
printf '#!/app\n' >itself.sh
printf '#!/usr/bin/env -S sh -e\necho started: script\n' >env-split.sh
chmod 755 ./*.sh
cp script.sh plain.sh && chmod 644 plain.sh

# No programs.
: >nothing && printf 'not a program\n' >text && head -c 100 /programs/hello >cut && head -c 40 /programs/hello >head
head -c 40000 /programs/hello >half
chmod 755 nothing text cut half head

# The C libraries, as far as a program needs them.
mkdir -p loader libc greet/old greet/new
needed=$(ldd /programs/cgo | grep -o '/[^ ]*')
loader=$(echo "$needed" | grep /ld-linux)
cp -L --parents $loader loader/
cp -L --parents $needed libc/
cp /greet/old/libgreet.so.1 greet/old/
cp /greet/new/libgreet.so.1 greet/new/

# Links to what a case has at /app, and to nothing.
mkdir links
ln -s /app links/absolute && ln -s ../app links/relative && ln -s absolute links/twice
ln -s /nowhere links/dangling && ln -s loop links/loop
ln -s ../../../../app links/above

# What nobody should ship.
mkdir -p secret/root/.ssh secret/srv repository/.git/objects
printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\nplanted by the matrix\n-----END OPENSSH PRIVATE KEY-----\n' >secret/root/.ssh/id_ed25519
printf 'PORT=8080\nDB_PASSWORD=planted-by-the-matrix\n' >secret/srv/.env
printf 'PORT=8080\nDB_PASSWORD=\n' >harmless.env
printf 'ref: refs/heads/main\n' >repository/.git/HEAD
printf '[core]\n\tbare = false\n' >repository/.git/config
head -c 4000000 /dev/urandom >ballast
printf 'small\n' >small && cp small small.txt

# Set-user-id.
cp /programs/once setuid && chmod 4755 setuid
chmod 644 passwd group certs/* empty-certs/*
cp /unstripped unstripped
