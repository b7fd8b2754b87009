#!/bin/bash
# Builds the programs of a real control plane, pinned by the go.mod beside this script, into the folder that
# startRealCluster of tools/local-installation looks in. Needs Go and nothing else. About five minutes on two cores the
# first time, seconds afterwards.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${TESTBED_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/ecr-anywhere/testbed}/bin
mkdir -p "$bin"
command -v go >/dev/null || { echo "Go is missing: install Go 1.26 or newer to build a real kube-apiserver." >&2; exit 1; }

cd "$here/kubernetes"
wanted=$(cat go.mod go.sum "$here/build.sh" | sha256sum)
if [ "$(cat "$bin/.built" 2>/dev/null)" = "$wanted" ]; then exit 0; fi

version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
minor=${version#v1.}
minor=${minor%%.*}
stamp=k8s.io/component-base/version
flags="-s -w -X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=$minor -X $stamp.gitCommit=testbed"
export CGO_ENABLED=0
echo "Building etcd and kube-apiserver $version into $bin …" >&2
go build -trimpath -ldflags="-s -w" -o "$bin/etcd" go.etcd.io/etcd/server/v3
go build -trimpath -ldflags="$flags" -o "$bin/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
echo "$wanted" > "$bin/.built"
