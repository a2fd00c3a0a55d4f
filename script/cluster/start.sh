# Starting and stopping the control plane. Sourced by script/kubernetes, which says its folder $dir
# and its $log, and has set $bin. All that it stores lies in $dir/state.

kubernetes_port=${EMPTY_ROOM_KUBERNETES_PORT:-64430}
etcd_port=$((kubernetes_port + 1))

# A pid is soon another process: its command line must name our folder.
running() {
    pid=$(cat "$dir/$1.pid" 2>/dev/null) && [ -r "/proc/$pid/cmdline" ] &&
        tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$dir/"
}

kube() { "$bin/kubectl" --kubeconfig "$dir/kubeconfig" --request-timeout 20s "$@"; }

# Ready, and not some other server that has the port: the certificate in the kubeconfig is ours.
ready() { kube get --raw /readyz >/dev/null 2>&1; }
is_up() {
    [ "$(cat "$dir/made-of" 2>/dev/null)" = "$bin" ] && running kube-apiserver &&
        running kube-controller-manager && ready
}

start_cluster() {
    stop_cluster
    : >"$log"
    state=$dir/state
    mkdir -p "$state"
    make_keys
    start server etcd_listens "$bin/server" --name one --data-dir "$state/etcd" \
        --listen-client-urls "http://127.0.0.1:$etcd_port" \
        --advertise-client-urls "http://127.0.0.1:$etcd_port" \
        --listen-peer-urls "http://127.0.0.1:$((etcd_port + 1))" \
        --initial-advertise-peer-urls "http://127.0.0.1:$((etcd_port + 1))" \
        --initial-cluster "one=http://127.0.0.1:$((etcd_port + 1))" --logger zap --log-level warn
    start kube-apiserver has_certificate "$bin/kube-apiserver" \
        --etcd-servers "http://127.0.0.1:$etcd_port" \
        --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$kubernetes_port" \
        --cert-dir "$state/tls" --token-auth-file "$state/tokens" --authorization-mode RBAC \
        --service-account-issuer https://kubernetes.default.svc \
        --service-account-key-file "$state/accounts.pem" \
        --service-account-signing-key-file "$state/accounts.pem" \
        --endpoint-reconciler-type none --service-cluster-ip-range 10.255.0.0/16 \
        --allow-privileged
    write_kubeconfig
    wait_for kube-apiserver ready
    # As a cluster has them: service accounts, pods of workloads, volumes, endings of namespaces.
    start kube-controller-manager ready "$bin/kube-controller-manager" \
        --kubeconfig "$dir/kubeconfig" --bind-address 127.0.0.1 --secure-port 0 --leader-elect=false \
        --service-account-private-key-file "$state/accounts.pem"
    echo "$bin" >"$dir/made-of"
}

# The one user is everybody's administrator, by a key that lies in a folder of its owner's.
make_keys() {
    (
        umask 077
        openssl genrsa -out "$state/accounts.pem" 2048 2>/dev/null
        token=$(openssl rand -hex 32)
        echo "$token,administrator,administrator,system:masters" >"$state/tokens"
    )
}

write_kubeconfig() {
    rm -f "$dir/kubeconfig"
    (
        umask 077
        cat >"$dir/kubeconfig" <<YAML
apiVersion: v1
kind: Config
current-context: empty-room
contexts: [{name: empty-room, context: {cluster: empty-room, user: administrator}}]
users: [{name: administrator, user: {token: $(cut -d, -f1 "$state/tokens")}}]
clusters:
  - name: empty-room
    cluster:
      server: https://127.0.0.1:$kubernetes_port
      certificate-authority: $state/tls/apiserver.crt
YAML
    )
}

etcd_listens() { curl --silent --fail --max-time 2 "http://127.0.0.1:$etcd_port/health" >/dev/null 2>&1; }
has_certificate() { [ -s "$state/tls/apiserver.crt" ]; }

start() {
    program=$1 test=$2
    shift 2
    setsid "$@" >>"$log" 2>&1 9>&- &
    echo $! >"$dir/$program.pid"
    wait_for "$program" "$test"
}

# wait_for PROGRAM TEST
wait_for() {
    until_holds "$(cat "$dir/$1.pid")" "$log" "$2" || {
        cp "$log" "$dir/last-log"
        said=$(grep -E '^(Error|[EF][0-9]{4})|fatal|panic' "$log" | tail -n 1)
        stop_cluster
        die "Kubernetes' $1 did not start." "${said:-$(tail -n 1 "$dir/last-log")}" \
            "next: see $dir/last-log; where port $kubernetes_port is taken, set EMPTY_ROOM_KUBERNETES_PORT"
    }
}

stop_cluster() {
    for program in kube-controller-manager kube-apiserver server; do
        if running "$program"; then
            kill "$pid"
            waited=0
            while running "$program"; do
                waited=$((waited + 1))
                [ "$waited" -lt 100 ] || kill -9 "$pid" 2>/dev/null || true
                sleep 0.2
            done
        fi
        rm -f "$dir/$program.pid"
    done
    rm -rf --one-file-system "$dir/state" "$dir/kubeconfig" "$dir/made-of"
}
