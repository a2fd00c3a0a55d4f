# What Kubernetes' control plane is made of. Sourced by script/kubernetes; script/engines/build.sh
# builds what it says, and recipes.sh beside that explains the lines.

packages_of() { :; }

# Kubernetes has its libraries in one repository with it, and publishes them as modules of their own.
recipe_of() {
    cat <<'LINES'
module go.etcd.io/etcd/server/v3 v3.6.16
program go.etcd.io/etcd/server/v3
module k8s.io/kubernetes v1.37.2 staging v0.37.2
program k8s.io/kubernetes/cmd/kube-apiserver set k8s.io/component-base/version.gitVersion=v1.37.2
program k8s.io/kubernetes/cmd/kube-controller-manager set k8s.io/component-base/version.gitVersion=v1.37.2
program k8s.io/kubernetes/cmd/kubectl set k8s.io/component-base/version.gitVersion=v1.37.2
LINES
}
