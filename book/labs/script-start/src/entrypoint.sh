#!/bin/sh
# Sets what is not set, and becomes the program.
set -eu
export GREETING="${GREETING:-hello}"
exec /app "$@"
