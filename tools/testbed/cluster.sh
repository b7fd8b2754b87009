#!/bin/bash
# A real one-node Kubernetes cluster in its own namespaces, without a route to the outside. build.sh builds its programs.
#   cluster.sh up                 start it, and wait until the node is ready
#   cluster.sh exec CMD...        run CMD in its network, with KUBECONFIG set and the testbed's programs on PATH
#   cluster.sh load TAR...        import OCI archives into the node's image store
#   cluster.sh mirror HOST URL    pull images of the registry HOST from URL (http or https)
#   cluster.sh host NAME ADDRESS  let the cluster's DNS resolve NAME to ADDRESS
#   cluster.sh restart PROGRAM    restart one of its programs; flags after its name are added to its own until its next restart
#   cluster.sh status             the running programs; fails if the cluster is down, with 3 if it is not up yet
#   cluster.sh logs [PROGRAM]     the output of a program; without a name: the list of programs
#   cluster.sh down               stop it and remove all its files
# TESTBED_NAME distinguishes several clusters on one machine. Needs root.
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
    [ -e "$run/up" ] || fail "A cluster is starting or did not start ($run): run cluster.sh down first."
    echo "The cluster is up already ($run)." >&2
    return
  fi
  if [ -e "$run/container" ]; then # killed, or ended by a restart of the machine
    echo "Removes what is left of a cluster that has ended ($run)." >&2
    down
  fi
  check_machine
  trap '[ ! -e "$run" ] || echo "The cluster did not start. See cluster.sh logs, and run cluster.sh down before you try again." >&2' EXIT
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
  [ ! -e "$run" ] || fail "$run exists, and no cluster runs there: run cluster.sh down first."
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
    echo "The cluster is not up yet, or did not start ($run): see cluster.sh logs." >&2
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
