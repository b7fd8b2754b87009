#!/bin/bash
# All checks of the Helm chart that need no cluster. Prints what is wrong and what to do, and ends with 1 then.
#   check.sh           check
#   check.sh --write   bring the chart's README.md up to date with values.yaml
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
home=${TESTBED_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/ecr-anywhere/testbed}
PATH=$home/bin:$PATH
chart=charts/ecr-anywhere
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
values=("$chart"/tests/values/*.yaml)
failures=0

main() {
  tools/testbed/build.sh helm helm4 && tools/chart/build.sh || exit 1
  make_readme
  if [ "${1:-}" = --write ]; then
    cp "$work/README.md" "$chart/README.md"
    exit
  fi
  check 'helm lint --strict' lint
  check 'unit tests (helm-unittest)' helm-unittest "$chart"
  check 'values that the schema refuses' refuses
  check 'manifests against the schemas of Kubernetes, cert-manager and the Prometheus Operator (kubeconform)' conform
  check 'the same manifests from Helm 3 and Helm 4' same_by_helm_4
  check 'alerts (promtool)' tools/chart/check-alerts.sh
  check 'the package holds no tests' package
  check "README.md is up to date (run tools/chart/check.sh --write if not)" cmp "$chart/README.md" "$work/README.md"
  [ "$failures" -eq 0 ] || { echo "$failures of the chart's checks failed." >&2; exit 1; }
  echo "All of the chart's checks passed."
}

# check WHAT COMMAND...: quiet unless it fails.
check() {
  if "${@:2}" > "$work/output" 2>&1; then echo "ok      $1"; return; fi
  failures=$((failures + 1))
  echo "FAILED  $1"
  sed 's/^/        /' "$work/output"
}

lint() { each_values lint_with; }
lint_with() { helm lint --strict --quiet "$chart" -f "$1" && helm4 lint --strict --quiet "$chart" -f "$1"; }

conform() {
  local version
  for version in "$home"/schemas/v*; do
    version=${version##*/}
    echo "Kubernetes $version:"
    each_values conform_with "$version" || return
  done
}
conform_with() {
  render helm "$1" --kube-version "$2" > "$work/manifests.yaml" && kubeconform -strict -summary \
    -schema-location "$home/schemas/$2/{{.ResourceKind}}{{.KindSuffix}}.json" \
    -schema-location "$home/schemas/crds/{{.ResourceKind}}{{.KindSuffix}}.json" "$work/manifests.yaml"
}

# In files by template, since the two order kinds differently. A certificate that Helm makes is another one each time.
same_by_helm_4() { each_values same_with; }
same_with() {
  local helm
  for helm in helm helm4; do
    rm -rf "${work:?}/$helm"
    render $helm "$1" --output-dir "$work/$helm" > /dev/null || return
    find "$work/$helm" -type f -exec sed -i 's/^\( *\(caBundle\|ca.crt\|tls.crt\|tls.key\): \).*/\1…/' {} +
  done
  diff -rBZ "$work/helm" "$work/helm4"
}

refuses() {
  refused "additional properties 'replicaCount' not allowed" --set replicaCount=2 &&
    refused "additional properties 'regoin' not allowed" --set aws.regoin=eu-west-1 &&
    refused "at '/deployment/replicas': got string, want integer" --set-string deployment.replicas=2 &&
    refused "at '/cronjob/restartPolicy': value must be one of 'Never', 'OnFailure'" --set cronjob.restartPolicy=Always &&
    refused "at '/aws/region': '.*' does not match pattern" --set aws.region=us_east_1 &&
    refused "at '/refresh/threshold': '6' does not match pattern" --set-string refresh.threshold=6 &&
    refused "at '/pod/container/env/0/value': got number, want string" --set 'pod.container.env[0].name=A,pod.container.env[0].value=1'
}
# refused MESSAGE FLAGS...: by both.
refused() {
  local helm
  for helm in helm helm4; do
    if $helm template x "$chart" --set aws.region=eu-west-1 "${@:2}" > "$work/refusal" 2>&1; then
      echo "$helm ${*:2} is accepted"
      return 1
    fi
    grep -q "$1" "$work/refusal" && continue
    echo "$helm ${*:2} is refused without \"$1\":"
    cat "$work/refusal"
    return 1
  done
}

package() {
  helm package "$chart" --destination "$work" && tar tzf "$work"/ecr-anywhere-*.tgz > "$work/files" || return
  if grep -E '^ecr-anywhere/tests/|gotmpl$' "$work/files"; then echo 'does not belong there: add it to .helmignore'; return 1; fi
  grep -x 'ecr-anywhere/templates/tests/pod.yaml' "$work/files" || { echo 'has no pod for helm test: see .helmignore'; return 1; }
}

make_readme() {
  helm-docs --log-level warn --chart-search-root "$chart" --sort-values-order file --dry-run > "$work/README.md" &&
    npx prettier --write --log-level warn "$work/README.md"
}

# each_values FUNCTION ARGUMENTS...: with each file of values, until one fails.
each_values() {
  local file
  for file in "${values[@]}"; do
    "$1" "$file" "${@:2}" || { echo "with $file"; return 1; }
  done
}

# render HELM VALUES FLAGS...
render() { "$1" template ecr-anywhere "$chart" --namespace ours -f "$2" "${@:3}"; }

main "$@"
