#!/bin/bash
# The scenarios on real clusters: `npm run e2e`.
#   (nothing)           all: on a kube-apiserver, then installed by helm on a testbed that is made and removed again
#   installed [SPEC]    only those installed by helm; SPEC is part of a file's name, such as readme
#   --kubeconfig FILE   those installed by helm, on a cluster that you bring. Its nodes have the images of
#                       tools/images/build.sh, pull 544849402588.dkr.ecr.us-east-1.amazonaws.com from their own port 30500
#                       over plain HTTP, and cert-manager is installed; kubectl and helm are on the PATH.
#                       IMAGE_REPOSITORY and IMAGE_TAG name other images.
# KEEP=1 leaves the testbed running. HELM=helm4 installs with Helm 4.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
testbed=tools/testbed
cluster=$testbed/cluster.sh
export NODE_OPTIONS="--experimental-vm-modules --disable-warning=ExperimentalWarning"

scenarios() { (cd tools/e2e && "$@" "$root/node_modules/.bin/jest" --config jest.installed.mjs "${specs[@]}"); }

specs=()
case ${1:-} in
  '') ;;
  installed) specs=("${@:2}") ;;
  --kubeconfig)
    KUBECONFIG=$(realpath "${2:?"a file is missing after --kubeconfig"}")
    export KUBECONFIG
    specs=("${@:3}")
    scenarios env
    exit
    ;;
  *)
    sed -n 's/^# \{0,1\}//; 2,/^set/{/^set/!p}' "$0" >&2
    exit 2
    ;;
esac

"$testbed/install-packages.sh"
"$testbed/build.sh"
NODE_OPTIONS='' npx nx run-many -t build -p @ecr-anywhere/webhook @ecr-anywhere/refresher @ecr-anywhere/aws-emulator --output-style=static
"$testbed/base-image.sh"
mapfile -t archives < <(tools/images/build.sh)

if [ $# = 0 ]; then NODE_OPTIONS='' npx nx run @ecr-anywhere/e2e:test-real --output-style=static; fi

down() { [ -n "${KEEP:-}" ] || "$cluster" down; }
trap down EXIT
"$cluster" up
"$cluster" load "${archives[@]}"
"$cluster" mirror 544849402588.dkr.ecr.us-east-1.amazonaws.com http://10.200.0.1:30500
scenarios "$root/$cluster" exec env TESTBED=1
