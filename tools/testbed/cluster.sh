#!/bin/bash
# A real one-node Kubernetes cluster, in namespaces of its own that no route leaves. Build its programs with build.sh.
#   cluster.sh up                 start it, and wait until the node is ready
#   cluster.sh exec CMD...        run CMD in its network, with KUBECONFIG set and the testbed's programs on PATH
#   cluster.sh load TAR...        import OCI archives into the node's image store
#   cluster.sh mirror HOST URL    have images of the registry HOST pulled from URL (http or https)
#   cluster.sh host NAME ADDRESS  have the cluster's DNS answer NAME with ADDRESS
#   cluster.sh restart PROGRAM    end one of its programs and start it again
#   cluster.sh status             what runs; fails where the cluster is down, with 3 where it is not up yet
#   cluster.sh logs [PROGRAM]     what a program printed; without a name: which there are
#   cluster.sh down               end it and remove all that it left
# TESTBED_NAME tells several on one machine apart. Needs root.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib/settings.sh
. "$here/lib/settings.sh"
# shellcheck source=lib/container.sh
. "$here/lib/container.sh"
# shellcheck source=lib/programs.sh
. "$here/lib/programs.sh"
# shellcheck source=lib/certificates.sh
. "$here/lib/certificates.sh"
# shellcheck source=lib/control-plane.sh
. "$here/lib/control-plane.sh"
# shellcheck source=lib/node.sh
. "$here/lib/node.sh"
# shellcheck source=lib/images.sh
. "$here/lib/images.sh"

up() {
  if container_runs; then
    [ -e "$run/up" ] || fail "A cluster that did not come up, or not yet, still runs ($run): run cluster.sh down first."
    echo "The cluster is up already ($run)." >&2
    return
  fi
  if [ -e "$run/container" ]; then # killed, or ended by a restart of the machine
    echo "Removes what is left of a cluster that has ended ($run)." >&2
    down
  fi
  check_machine
  trap '[ ! -e "$run" ] || echo "The cluster did not come up. See cluster.sh logs, and run cluster.sh down before the next try." >&2' EXIT
  start_container
  write_resolvers
  make_certificates
  start_containerd
  start_control_plane
  start_node
  start_addons
  wait_for_node
  all_run
  touch "$run/up"
  trap - EXIT
  kubectl get nodes
}

check_machine() {
  local file
  [ ! -e "$run" ] || fail "$run is there, and not of a cluster that has started: run cluster.sh down first."
  needs runc iptables conntrack ip openssl unshare pkill
  [ -d "$cni_plugins" ] || fail "$cni_plugins is missing: run tools/testbed/install-packages.sh first."
  for file in bin/{etcd,kube-apiserver,kube-controller-manager,kube-scheduler,kubelet,kube-proxy,kubectl,containerd,coredns,cert-manager} \
    images/busybox.tar crds; do
    [ -e "$home/$file" ] || fail "$home/$file is missing: run tools/testbed/build.sh first."
  done
}

status() {
  container_runs || fail "The cluster is down."
  list_programs
  if [ ! -e "$run/up" ]; then
    echo "The cluster is not up yet, or did not come up ($run): see cluster.sh logs." >&2
    exit 3
  fi
  if program_runs kube-apiserver; then kubectl get nodes,pods --all-namespaces; fi
}

down() {
  [ -e "$run" ] || { echo "There is no cluster ($run)." >&2; return; }
  if rmdir "$run" 2> /dev/null; then return; fi # up got no further
  [ -d "$run/programs" ] || fail "$run was not made by cluster.sh up: remove it yourself."
  stop_container
  rm -rf --one-file-system "$run"
}

[ "$(id -u)" = 0 ] || fail "cluster.sh needs root: it makes namespaces, mounts and cgroups."
subcommand=${1:-}
shift || true
case $subcommand in
  up | status | down) "$subcommand" ;;
  exec) execute "$@" ;;
  load) load "$@" ;;
  mirror) mirror "$@" ;;
  host) host "$@" ;;
  restart) restart "$@" ;;
  logs) logs "$@" ;;
  *)
    sed -n '/^#  /p' "$0" >&2
    exit 2
    ;;
esac
