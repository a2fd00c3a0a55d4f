# Runs where there is no network; see script/first-minute, which says what IMAGE, KIT, LOAD, SERVE and
# ROOM are.
. script/lib.sh

dockerd --data-root "$ROOM/data" --exec-root "$ROOM/exec" --pidfile "$ROOM/pid" \
    --host unix:///var/run/docker.sock >"$ROOM/log" 2>&1 &
engine=$!
stop() {
    docker rm --force book >/dev/null 2>&1 || true
    kill "$engine" 2>/dev/null && wait "$engine" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 130' INT TERM
answers() { docker version >/dev/null 2>&1; }
until_holds "$engine" "$ROOM/log" answers || {
    tail -n 5 "$ROOM/log" >&2
    die "dockerd did not start."
}

since=$(date +%s)
done_is() { printf '%5s s  %s\n' "$(($(date +%s) - since))" "$1"; }

docker load --quiet --input "$IMAGE" >/dev/null
done_is "the image of the release is loaded"
eval "$LOAD" >"$ROOM/loaded" 2>&1 || {
    cat "$ROOM/loaded" >&2
    die "The kit was not loaded."
}
done_is "the kit is loaded"
eval "$SERVE" >/dev/null
docker logs --follow book >"$ROOM/book" 2>&1 &
opened() { grep -q 'The book is open' "$ROOM/book"; }
until_holds $! "$ROOM/book" opened || {
    cat "$ROOM/book" >&2
    die "The book did not open."
}
address=$(sed -n 's/.*The book is open:  *\([^ ]*\).*/\1/p' "$ROOM/book")
key=${address#*key=}
site=${address%%/#*}
curl --silent --fail --output /dev/null "$site/"
done_is "the first page is there"
run=$(curl --silent --fail --header "x-empty-room-key: $key" --header 'content-type: application/json' \
    --data '{"lab":"stage-5a","variant":"image","edits":{}}' "$site/api/runs" |
    sed 's/.*"run":"\([^"]*\)".*/\1/')
curl --silent --fail --no-buffer --header "x-empty-room-key: $key" "$site/api/runs/$run/events" >"$ROOM/events"
grep -q '"event":"finished".*"as-declared"' "$ROOM/events" || {
    tail -n 20 "$ROOM/events" >&2
    die "Stage 5a did not end as it declares."
}
done_is "stage 5a is built, weighed, started and answers"
