#!/bin/bash
# The scenarios on real clusters: `npm run e2e`.
#   (nothing)           everything: kubectl with the kubeconfigs of libs/kubernetes, the scenarios on a kube-apiserver, and the full
#                       attacks on the webhook. Then it runs the scenarios that helm installs on two testbeds, and removes them.
#   installed [SPEC]    only the scenarios that helm installs, including admission and refresher; SPEC is part of a file's name.
#                       With a SPEC, on one testbed
#   --kubeconfig FILE   the scenarios that helm installs, on your cluster. None of your objects may have the names that they use.
#                       The user needs a client certificate. The nodes need the images of tools/build/images/build.sh, and must
#                       pull 544849402588.dkr.ecr.us-east-1.amazonaws.com from their own port 30500 over plain HTTP. This machine
#                       must reach that port too, with kubectl and helm on the PATH. The cluster needs cert-manager. See kind/.
# KEEP=1 leaves the testbed running. HELM=helm4 installs with Helm 4.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
cd "$root"
testbed=$root/tools/testbed
export TESTBED_NAME=${TESTBED_NAME:-e2e}

# scenarios COMMAND...: runs the scenarios on the cluster to which the command gives access
scenarios() {
  (cd tools/scenarios/e2e && "$@" NODE_OPTIONS="--experimental-vm-modules --disable-warning=ExperimentalWarning" \
    "$root/node_modules/.bin/jest" --config jest.installed.mjs "${specs[@]}")
}

# A spec waits for kubelet and Helm most of the time. So two testbeds take turns at one list of specs, the longest files first.
on_testbeds() {
  local work testbeds=() each failed=0
  work=$(mktemp -d)
  (cd tools/scenarios/e2e && ls -S src/installed/*.spec.ts src/{admission,refresher,refresher-faults}.spec.ts) > "$work/specs"
  for each in a b; do
    TESTBED_NAME=$TESTBED_NAME-$each "$testbed/with-images.sh" "$root/tools/scenarios/e2e/run.sh" --specs-of "$work" > "$work/testbed-$each" 2>&1 &
    testbeds+=($!)
  done
  for each in "${testbeds[@]}"; do wait "$each" || failed=1; done
  [ "$failed" = 0 ] || cat "$work"/testbed-*
  cat "$work"/*.log
  grep -hE '^(PASS|FAIL) ' "$work"/*.log # each spec with its time, on one line
  rm -rf "$work"
  return "$failed"
}

# specs_of FOLDER: runs specs of the list there until it is empty, and writes the output of each to a file
specs_of() {
  local work=$1 spec failed=0
  while spec=$(flock "$work" sed -i -e '1{w /dev/stdout' -e 'd}' "$work/specs") && [ -n "$spec" ]; do
    specs=("$spec")
    scenarios env TESTBED=1 > "$work/$(basename "$spec").log" 2>&1 || failed=1
  done
  return "$failed"
}

# The scenarios delete the objects with these names, so nothing else may have them.
namespaces=(aws before e2e-probe ecr-anywhere hello restricted test)
is_free() {
  local found
  found=$(kubectl get namespaces,mutatingwebhookconfigurations -o name |
    grep -xE "namespace/($(IFS='|' && echo "${namespaces[*]}"))|mutatingwebhookconfiguration.*/ecr-anywhere" || true)
  found+=$(kubectl get namespaces -l ecr-anywhere.centml.ai/namespace -o name)
  [ -z "$found" ] || { echo "This cluster has objects that the scenarios would delete. Use another cluster:
$found" >&2 && exit 1; }
}
clean_up() { kubectl delete namespace "${namespaces[@]}" --ignore-not-found --wait=false; }

specs=()
case ${1:-} in
  '') ;;
  installed) specs=("${@:2}") ;;
  --kubeconfig)
    KUBECONFIG=$(realpath "${2:?"a file is missing after --kubeconfig"}")
    export KUBECONFIG
    specs=("${@:3}")
    is_free
    trap clean_up EXIT
    scenarios env
    exit
    ;;
  --specs-of)
    specs_of "$2"
    exit
    ;;
  *)
    sed -n 's/^# \{0,1\}//; 2,/^set/{/^set/!p}' "$0" >&2
    exit 2
    ;;
esac

# part COMMAND...: runs it, and remembers how long it took. If it fails, the other parts run all the same.
times=() failed=0
part() {
  local start=$SECONDS
  "$@" || failed=1
  times+=("$* $((SECONDS - start)) s")
}

[ "$(id -u)" = 0 ] || { echo "The testbed needs root: it makes namespaces, mounts and cgroups." >&2 && exit 1; }
if [ $# = 0 ]; then
  "$testbed/build.sh"
  # shellcheck source=../../testbed/lib/settings.sh
  KUBECTL=$(. "$testbed/lib/settings.sh" && echo "$bin/kubectl")
  export KUBECTL
  for target in kubernetes:test-kubectl e2e:test-real getting-started:test-real e2e:test-full; do
    part npx nx run @ecr-anywhere/$target --output-style=static
  done
fi
if [ ${#specs[@]} -gt 0 ]; then scenarios "$testbed/with-images.sh" env TESTBED=1; else part on_testbeds; fi
if [ $# = 0 ]; then printf '%s\n' "${times[@]}"; fi
[ "$failed" = 0 ]
