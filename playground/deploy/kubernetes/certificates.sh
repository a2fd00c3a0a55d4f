#!/bin/sh
# Prints the two secrets of a class on Kubernetes: the engine's certificate, and the one that seats
# show to it. An authority is made for them, and its key is forgotten: to renew, run this again.
#
#   certificates.sh [DAYS] | kubectl apply -f -
#
# Needs openssl. Nothing is kept on this machine.
set -eu
days=${1:-30}
case $days in '' | *[!0-9]*)
    echo "usage: certificates.sh [DAYS] | kubectl apply -f -" >&2
    exit 2
    ;;
esac
umask 077
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1-key.pem"; }
# certificate NAME COMMON-NAME USE [ALTERNATIVE-NAMES]
certificate() {
    key "$1"
    openssl req -new -key "$1-key.pem" -subj "/CN=$2" -out "$1.csr"
    {
        echo "basicConstraints=critical,CA:FALSE"
        echo "keyUsage=critical,digitalSignature"
        echo "extendedKeyUsage=$3"
        [ -z "${4:-}" ] || echo "subjectAltName=$4"
    } >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days "$days" \
        -sha256 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}

key ca
openssl req -new -x509 -key ca-key.pem -subj "/CN=empty-room class" -days "$days" -sha256 \
    -addext "keyUsage=critical,keyCertSign" -out ca.pem
certificate engine engine serverAuth \
    DNS:engine.empty-room-engine.svc,DNS:engine.empty-room-engine.svc.cluster.local
certificate seat seat clientAuth
cat seat.pem seat-key.pem >client.pem

data() { printf '  %s: %s\n' "$1" "$(openssl base64 -A -in "$2")"; }
secret() {
    printf -- '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\n  namespace: %s\ndata:\n' "$1" "$2"
}
secret engine-tls empty-room-engine
data ca.pem ca.pem
data cert.pem engine.pem
data key.pem engine-key.pem
secret seat-tls empty-room-seats
data ca.pem ca.pem
data client.pem client.pem
