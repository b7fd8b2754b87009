#!/bin/bash
# Builds the programs of a real cluster, pinned by the go.mod files beside this script, into
# ${TESTBED_HOME:-~/.cache/ecr-anywhere/testbed}. Builds only what changed.
#   build.sh             everything
#   build.sh GROUP...    only these: control-plane node containerd coredns cert-manager helm helm4 busybox
# control-plane (etcd and kube-apiserver) is all that startRealCluster of tools/scenarios/local-installation needs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib/settings.sh
. "$here/lib/settings.sh"
export CGO_ENABLED=0

groups=(control-plane node containerd coredns cert-manager helm helm4 busybox)
declare -A module=(
  [control-plane]=kubernetes [node]=kubernetes [containerd]=containerd [coredns]=coredns
  [cert-manager]=certmanager [helm]=kubernetes [helm4]=helm4 [busybox]=.
)

# The build_ functions run in the group's folder and write their results to $out: bin, images, crds.

build_control-plane() {
  go_build etcd go.etcd.io/etcd/server/v3
  kube_build kube-apiserver
}

build_node() {
  local program
  for program in kube-controller-manager kube-scheduler kube-proxy kubelet kubectl; do kube_build $program; done
}

build_containerd() {
  local program version
  version=$(version_of github.com/containerd/containerd/v2)
  for program in containerd containerd-shim-runc-v2 ctr; do
    go_build $program github.com/containerd/containerd/v2/cmd/$program "-X github.com/containerd/containerd/v2/version.Version=${version#v}" \
      -tags "no_btrfs no_devmapper no_zfs"
  done
}

build_coredns() { go_build coredns .; }

build_cert-manager() {
  go_build cert-manager .
  mkdir "$out/crds"
  install -m 644 "$(go list -m -f '{{.Dir}}' github.com/cert-manager/cert-manager)"/deploy/crds/*.yaml "$out/crds"
}

build_helm() {
  local version kube package flags
  version=$(version_of helm.sh/helm/v3)
  flags="-X helm.sh/helm/v3/internal/version.version=$version"
  # The cluster version for `helm template` and `helm lint`; helm's own Makefile sets the same.
  kube=$(version_of k8s.io/client-go)
  for package in pkg/lint/rules pkg/chartutil; do
    flags+=" -X helm.sh/helm/v3/$package.k8sVersionMajor=1 -X helm.sh/helm/v3/$package.k8sVersionMinor=$(minor "$kube")"
  done
  go_build helm helm.sh/helm/v3/cmd/helm "$flags"
}

build_helm4() {
  go_build helm4 helm.sh/helm/v4/cmd/helm "-X helm.sh/helm/v4/internal/version.version=$(version_of helm.sh/helm/v4)"
}

# Debian's busybox as an image: it sleeps in every pod's sandbox, and is the shell of test pods.
build_busybox() {
  local context=$out/context applet
  if ldd "$(command -v busybox)" > /dev/null 2>&1; then fail "This busybox needs libraries: apt-get install busybox-static."; fi
  mkdir -p "$context/bin" "$out/images"
  for applet in $(busybox --list); do ln -s busybox "$context/bin/$applet"; done
  cp --remove-destination "$(command -v busybox)" "$context/bin/busybox"
  printf 'FROM scratch\nCOPY bin /bin\nCMD ["/bin/busybox", "sleep", "infinity"]\n' > "$context/Dockerfile"
  buildah bud -q --isolation chroot -t localhost/busybox:1 "$context" > /dev/null
  buildah push -q localhost/busybox:1 "oci-archive:$out/images/busybox.tar:localhost/busybox:1"
  buildah rmi localhost/busybox:1 > /dev/null
  rm -r "$context"
}

version_of() { go list -m -f '{{with .Replace}}{{.Version}}{{else}}{{.Version}}{{end}}' "$1"; }
minor() { cut -d. -f2 <<< "$1"; }

# go_build PROGRAM PACKAGE [LINKER FLAGS [FLAGS...]]
go_build() { go build -trimpath -ldflags="-s -w ${3:-}" "${@:4}" -o "$out/bin/$1" "$2"; }

kube_build() {
  local version stamp=k8s.io/component-base/version
  version=$(version_of k8s.io/kubernetes)
  go_build "$1" "k8s.io/kubernetes/cmd/$1" \
    "-X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=$(minor "$version") -X $stamp.gitCommit=testbed"
}

# The inputs of a group: its module (or Debian's busybox), Go, and its build commands.
inputs() {
  if [ "$1" = busybox ]; then cat "$(command -v busybox)"; else go version && cat "${module[$1]}"/*; fi
  declare -f "build_$1" go_build kube_build version_of minor
}

# A stamp's first line is the hash of the inputs; the others name what was made.
up_to_date() {
  local stamp=$1 wanted=$2 file files
  [ -e "$stamp" ] || return 1
  mapfile -t files < "$stamp"
  [ "${files[0]}" = "$wanted" ] || return 1
  for file in "${files[@]:1}"; do [ -e "$home/$file" ] || return 1; done
}

build() {
  local group=$1 stamp=$home/stamps/$1 wanted file
  wanted=$(inputs "$group" | sha256sum)
  if up_to_date "$stamp" "$wanted"; then return; fi
  echo "Building $group …" >&2
  out=$(mktemp -d "$home/building.XXXXXX")
  mkdir "$out/bin"
  (cd "${module[$group]}" && "build_$group")
  (cd "$out" && find . -type f) > "$stamp.files"
  # Renamed, not overwritten: a running cluster keeps its open programs.
  while read -r file; do mkdir -p "$home/${file%/*}" && mv -f "$out/$file" "$home/$file"; done < "$stamp.files"
  { echo "$wanted"; cat "$stamp.files"; } > "$stamp"
  rm -r "$stamp.files" "$out"
}

main() {
  local group
  [ "$(uname)" = Linux ] || fail "The testbed needs Linux."
  if [ $# = 0 ]; then set -- "${groups[@]}"; fi
  for group; do
    [ -n "${module[$group]:-}" ] || fail "There is no group \"$group\". The groups are: ${groups[*]}."
  done
  command -v go > /dev/null || fail "Go is missing: install Go 1.26 or newer (https://go.dev/dl)."
  if [[ " $* " = *" busybox "* ]]; then needs busybox buildah; fi
  cd "$here"
  mkdir -p "$bin" "$home/stamps"
  exec 9> "$home/building.lock"
  flock -n 9 || { echo "Waiting for another build.sh …" >&2; flock 9; }
  rm -rf "$home"/building.?????? "$bin/.built"
  for group; do build "$group"; done
}

main "$@"
