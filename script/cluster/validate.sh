# What a real API server says to the manifests, and to what must be refused. Sourced by
# script/kubernetes, which has started one.

manifests=playground/deploy/kubernetes
said=

ok() { echo "  ✓ $*"; }
wrong() { die "$1" "$(printf '%s' "$said" | tail -n 3)" "next: see $manifests"; }

# promise TEXT COMMAND…: it must succeed.
promise() {
    what=$1
    shift
    said=$("$@" 2>&1) || wrong "Not so: $what."
    ok "$what"
}

# refused TEXT PATTERN: what stands on stdin must be refused in words that have the pattern.
refused() {
    ! said=$(kube create --dry-run=server -f - 2>&1) || wrong "Admitted, and should not be: $1."
    printf '%s' "$said" | grep -qE "$2" || wrong "Refused, and not for what it should be: $1."
    ok "refused: $1"
}

validate() {
    version=$(kube get --raw /version | sed -n 's/.*"gitVersion": "\(.*\)".*/\1/p')
    say "The manifests against kube-apiserver $version; no kubelet, so nothing runs"
    # Namespaces first: what lies in one cannot be looked at before it is there.
    for set in class user-namespace company-ca; do
        kube kustomize "$manifests/$set" >"$dir/state/$set.yaml"
    done
    promise "namespaces and policies are accepted" kube apply -f "$dir/state/class.yaml" \
        --selector 'empty-room.org/part'
    promise "an admission policy guards the engine's namespace" kube apply \
        -f "$manifests/class/engine/admission.yaml"
    account_is_there() { kube -n "$1" get serviceaccount default; }
    until_so "the controllers work" account_is_there empty-room-seats
    for set in class user-namespace company-ca; do
        promise "$set: every object passes the server's own validation (strict)" kube apply \
            --dry-run=server --validate=strict -f "$dir/state/$set.yaml"
    done
    "$manifests/certificates.sh" >"$dir/state/secrets.yaml"
    promise "the secrets of certificates.sh are accepted" kube apply -f "$dir/state/secrets.yaml"

    said=$(kube apply --dry-run=server -f "$dir/state/class.yaml" 2>&1 | grep '^Warning' || true)
    case $said in
    *"
"* | '') wrong "The server does not warn of the engine's pod alone." ;;
    *restricted*privileged*) ;;
    *) wrong "The server warns of something else than the engine's pod." ;;
    esac
    ok "applying them warns of the engine's pod, and of nothing else"

    promise "all of it is stored" kube apply -f "$dir/state/class.yaml"
    wanted=$(kube -n empty-room-seats get statefulset seat -o 'jsonpath={.spec.replicas}')
    seats_are_there() {
        [ "$(kube -n empty-room-seats get pods -l app.kubernetes.io/name=seat -o name | wc -l)" = "$wanted" ]
    }
    until_so "its controller made $wanted seats, each admitted as restricted" seats_are_there
    until_so "the job that fetches bases has its pod" pod_is_there empty-room-seats bases
    until_so "the engine has its pod, admitted in its own namespace" pod_is_there empty-room-engine engine

    pod seat privileged empty-room-seats | refused "a privileged pod among the seats" \
        'violates PodSecurity "restricted.*privileged'
    pod seat root empty-room-seats | refused "a seat as root" 'violates PodSecurity.*runAsNonRoot'
    pod seat host empty-room-seats | refused "a seat with the node's engine socket" \
        'violates PodSecurity.*hostPath'
    pod engine '' empty-room-seats | refused "the engine's pod among the seats" \
        'violates PodSecurity "restricted.*privileged'
    until_so "the engine's admission policy is in force, its expressions checked by type" policy_in_force
    pod engine image empty-room-engine | refused "another image in the engine's namespace" \
        "Docker's own image"
    pod engine host empty-room-engine | refused "a path of the node for the engine" 'no path of the node'
    pod engine '' empty-room-engine | refused "a second engine" 'exceeded quota: one-engine'
    kube -n empty-room-seats create service nodeport seat --tcp 4180 --dry-run=client -o yaml |
        refused "a seat opened to the world" 'exceeded quota: a-class'

    promise "a learner gets one seat" kube -n empty-room-seats create role seat-7 --verb get,create \
        --resource pods,pods/log,pods/portforward --resource-name seat-7
    promise "… by her name" kube -n empty-room-seats create rolebinding seat-7 --role seat-7 --user ana
    can() { kube -n empty-room-seats auth can-i --as ana "$@"; }
    cannot() { ! can "$@"; }
    promise "… and reaches it" can create pods/seat-7 --subresource portforward
    promise "… no other one" cannot create pods/seat-8 --subresource portforward
    promise "… and no secret" cannot get secrets/seat-tls
    promise "… and runs nothing in it" cannot create pods/seat-7 --subresource exec
}

# A policy works some moments after it is stored.
policy_in_force() {
    checked=$(kube get validatingadmissionpolicy empty-room-engine -o 'jsonpath={.status.typeChecking}')
    [ "$checked" = '{}' ] || { echo "its expressions: ${checked:-not checked yet}" && return 1; }
    pod engine image empty-room-engine | kube create --dry-run=server -f - 2>&1 | grep "Docker's own image"
}

# until_so TEXT COMMAND…: it comes to be so, or nothing new happens for a minute.
until_so() {
    what=$1
    shift
    quiet=0 before=
    until said=$("$@" 2>&1); do
        now=$(kube get events -A -o name 2>/dev/null | wc -l)
        quiet=$((quiet + 1))
        [ "$now" = "$before" ] || quiet=0
        before=$now
        [ "$quiet" -lt 200 ] || {
            said=$(kube get events -A --sort-by .lastTimestamp 2>&1)
            wrong "Not so: $what."
        }
        sleep 0.3
    done
    ok "$what"
}

pod_is_there() { kube -n "$1" get pods -l "app.kubernetes.io/name=$2" -o name | grep -q .; }

# pod WHOSE FAULT NAMESPACE: a pod as the controller made it, with one thing changed.
pod() {
    case $1 in seat) from=empty-room-seats ;; *) from=empty-room-engine ;; esac
    case $2 in
    '') patch='[]' ;;
    privileged) patch='[{"op":"add","path":"/spec/containers/0/securityContext/privileged","value":true},
        {"op":"remove","path":"/spec/containers/0/securityContext/allowPrivilegeEscalation"}]' ;;
    root) patch='[{"op":"remove","path":"/spec/securityContext/runAsNonRoot"},
        {"op":"replace","path":"/spec/securityContext/runAsUser","value":0}]' ;;
    host) patch='[{"op":"add","path":"/spec/volumes/-","value":
        {"name":"host","hostPath":{"path":"/var/run/docker.sock"}}}]' ;;
    image) patch='[{"op":"replace","path":"/spec/containers/0/image","value":"alpine:3.20"}]' ;;
    esac
    case $3 in empty-room-seats) account=seat ;; *) account=engine ;; esac
    # Its identity is left behind, so that it is another one.
    kube -n "$from" get pod "$1-0" -o yaml |
        sed -e '/^  uid:/d' -e '/^  resourceVersion:/d' -e '/^  creationTimestamp:/d' \
            -e "s/^  namespace:.*/  namespace: $3/" -e "s/^  name: $1-0/  name: other-0/" \
            -e "s/^  serviceAccount\(.*\): .*/  serviceAccount\1: $account/" \
            -e '/^status:/,$d' |
        kube patch --local -f - --type json -p "$patch" -o yaml
}
