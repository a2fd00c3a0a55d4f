#!/bin/sh
set -eu
# Sets what is not set, and becomes the program.
export GREETING="${GREETING:-hello}"
exec /app "$@"
