# shellcheck shell=bash
# The node's image store, and its registries.

containerd_answers() { images_ctl version; }
images_ctl() { CONTAINERD_SUPPRESS_DEPRECATION_WARNINGS=1 "$bin/ctr" --address "$containerd_socket" --namespace k8s.io "$@"; }

load() {
  local archive
  [ $# -gt 0 ] || fail "Usage: cluster.sh load TAR..."
  for archive; do images_ctl images import "$archive" > /dev/null; done
}

mirror() {
  [ $# = 2 ] || fail "Usage: cluster.sh mirror HOST URL"
  [ -d "$run/containerd/certs.d" ] || fail "The cluster is down: run cluster.sh up first."
  mkdir -p "$run/containerd/certs.d/$1"
  cat > "$run/containerd/certs.d/$1/hosts.toml" << K
server = "$2"
[host."$2"]
capabilities = ["pull", "resolve"]
K
}
