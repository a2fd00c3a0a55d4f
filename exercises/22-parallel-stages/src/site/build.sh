#!/bin/sh
# Makes pages out of texts, into the folder that it is given. The many sums stand for what takes
# time in earnest: pictures, a minifier, a package manager.
set -eu
pages="$(dirname "$0")/pages"
mkdir -p "$1"
for text in "$pages"/*.txt; do
    name=$(basename "$text" .txt)
    sum=$name
    n=0
    while [ $n -lt 300 ]; do
        sum=$(echo "$sum" | cat - "$text" | sha256sum | cut -c 1-16)
        n=$((n + 1))
    done
    {
        echo "<!doctype html><title>$name</title>"
        echo "<pre>"
        cat "$text"
        echo "</pre><p>$sum"
    } > "$1/$name.html"
done
