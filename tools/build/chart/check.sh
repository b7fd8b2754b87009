#!/bin/bash
# All checks of the Helm chart that need no cluster. If one fails, prints what to do and ends with 1.
#   check.sh           check
#   check.sh --write   bring the chart's README.md up to date with values.yaml
set -uo pipefail
cd "$(dirname "$0")/../../.." || exit
home=${TESTBED_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/ecr-anywhere/testbed}
PATH=$home/bin:$PATH
chart=charts/ecr-anywhere
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
values=("$chart"/tests/values/*.yaml)
# Helm generates another certificate each time.
made_anew='s/^\( *\(caBundle\|ca.crt\|tls.crt\|tls.key\): \).*/\1…/'
failures=0

main() {
  tools/testbed/build.sh helm helm4 && tools/build/chart/build.sh || exit 1
  make_readme || { echo "README.md could not be made." >&2; exit 1; }
  if [ "${1:-}" = --write ]; then
    cp "$work/README.md" "$chart/README.md"
    exit
  fi
  check 'helm lint --strict' lint
  check 'unit tests (helm-unittest)' helm-unittest "$chart"
  check 'values that the schema refuses' refuses
  check 'values that are null' nulls
  check 'values of an older version (helm upgrade --reuse-values)' reuse_values
  check 'a dependency of another chart' dependency
  check 'the same manifests with and without a cluster' same_with_cluster
  check 'the same webhook configuration as on this machine (tools/scenarios/local-installation)' same_webhook
  check 'manifests against the schemas of Kubernetes, cert-manager and the Prometheus Operator (kubeconform)' conform
  check 'the same manifests from Helm 3 and Helm 4' same_by_helm_4
  check 'alerts (promtool)' tools/build/chart/check-alerts.sh
  check 'the package holds no tests' package
  check "README.md is up to date (run tools/build/chart/check.sh --write if not)" cmp "$chart/README.md" "$work/README.md"
  [ "$failures" -eq 0 ] || { echo "$failures checks of the chart failed." >&2; exit 1; }
  echo "All checks of the chart passed."
}

# check WHAT COMMAND...: prints the output only if the command fails.
check() {
  if "${@:2}" > "$work/output" 2>&1; then echo "ok      $1"; return; fi
  failures=$((failures + 1))
  echo "FAILED  $1"
  sed -n '1,100s/^/        /p' "$work/output"
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
conform_with() { render helm "$1" --kube-version "$2" | conforms "$2"; }
conforms() {
  kubeconform -strict -summary \
    -schema-location "$home/schemas/$1/{{.ResourceKind}}{{.KindSuffix}}.json" \
    -schema-location "$home/schemas/crds/{{.ResourceKind}}{{.KindSuffix}}.json"
}

# One file for each template, because the two versions of Helm order kinds differently.
same_by_helm_4() { each_values same_with; }
same_with() {
  local helm
  for helm in helm helm4; do
    rm -rf "${work:?}/$helm"
    render $helm "$1" --output-dir "$work/$helm" > /dev/null || return
    find "$work/$helm" -type f -exec sed -i "$made_anew" {} +
  done
  diff -rBZ "$work/helm" "$work/helm4"
}

# `helm template` knows only the flags about the cluster; `helm install` asks the cluster. The result must be the same.
same_with_cluster() { each_values same_told; }
same_told() {
  render helm "$1" | sed "$made_anew" > "$work/plain.yaml"
  render helm "$1" --api-versions v1/Secret,cert-manager.io/v1,monitoring.coreos.com/v1 | sed "$made_anew" | diff "$work/plain.yaml" -
}
# Values that the schema does not require may be null: the same as absent. This removes some defaults.
nulls() {
  local part flags=(--set aws.region=eu-west-1)
  for part in networkPolicy monitoring.{serviceMonitor,prometheusRule,dashboard}; do flags+=(--set "$part.enabled=true"); done
  helm template x "$chart" "${flags[@]}" > "$work/plain.yaml" &&
    null_values keep > "$work/nulls.json" && helm template x "$chart" -f "$work/nulls.json" "${flags[@]}" | diff "$work/plain.yaml" - &&
    null_values > "$work/nulls.json" && helm template x "$chart" -f "$work/nulls.json" "${flags[@]}" | conforms v1.36.3
}
null_values() {
  node -e '
    const taken = ["podSecurityContext", "containerSecurityContext", "resources", "labels", "metricsFrom"];
    const absent = ["global", "enabled"];
    const nulls = ({ properties, required = [] }) => Object.fromEntries(Object.entries(properties).flatMap(([name, value]) =>
      value.properties ? [[name, nulls(value)]]
      : [...required, ...absent, ...(process.argv[2] ? taken : [])].includes(name) ? []
      : [[name, null]]));
    console.log(JSON.stringify(nulls(JSON.parse(fs.readFileSync(process.argv[1])))));
  ' "$chart/values.schema.json" "$@"
}

# `helm upgrade --reuse-values` gives new templates the old defaults, which lack the new keys. So the schema must not require a
# key that the first version does not have, and the templates must render the same without it: `(.Values.new).key`, and
# `dig "key" true .Values.known` for a default that is not empty. Then the old defaults themselves must render.
reuse_values() {
  local first=tools/build/chart/first-values.yaml
  cp -r "$chart" "$work/reused" &&
    known_values "$first" > "$work/reused/values.yaml" && each_values same_reused &&
    cp "$first" "$work/reused/values.yaml" && each_values render_reused > /dev/null
}
same_reused() {
  render helm "$1" | sed "$made_anew" > "$work/plain.yaml"
  render_reused "$1" > "$work/reused.yaml" && sed "$made_anew" "$work/reused.yaml" | diff "$work/plain.yaml" -
}
render_reused() { helm template ecr-anywhere "$work/reused" --namespace ours -f "$1"; }
# The defaults of today, without the keys that the first version does not have.
known_values() {
  node -e '
    const { load } = require("js-yaml");
    const [values, first, schema] = process.argv.slice(1).map((file) => load(fs.readFileSync(file, "utf8")));
    const known = (values, first, { properties }) => !properties ? values : Object.fromEntries(
      Object.entries(values).filter(([name]) => name in first)
        .map(([name, value]) => [name, value && first[name] ? known(value, first[name], properties[name] ?? {}) : value]));
    console.log(JSON.stringify(known(values, first, schema)));
  ' "$chart/values.yaml" "$1" "$chart/values.schema.json"
}

dependency() {
  local parent=$work/parent file=$chart/tests/values/web-identity.yaml
  mkdir -p "$parent/charts" "$parent/templates" && cp -r "$chart" "$parent/charts"
  cat > "$parent/Chart.yaml" << 'EOF'
apiVersion: v2
name: parent
version: 1.0.0
dependencies:
  - { name: ecr-anywhere, version: '*', condition: ecr-anywhere.enabled }
EOF
  { echo 'global: { of: parent }' && echo 'ecr-anywhere:' && echo '  enabled: true' && sed 's/^/  /' "$file"; } > "$work/parent.yaml"
  render helm "$file" | sort > "$work/plain.yaml"
  helm template ecr-anywhere "$parent" --namespace ours -f "$work/parent.yaml" | sed 's|^# Source: parent/charts/|# Source: |' | sort | diff "$work/plain.yaml" - &&
    helm4 lint --strict --quiet "$parent" -f "$work/parent.yaml" &&
    helm template ecr-anywhere "$parent" -f "$work/parent.yaml" --set ecr-anywhere.enabled=false | diff -B /dev/null -
}

# Our tests use one webhook configuration, users have the other. This compares them, as a unit test of the chart.
# shellcheck disable=SC2016 # of JavaScript
same_webhook() {
  npx esbuild --log-level=warning --format=esm tools/scenarios/local-installation/src/webhook-configuration.ts > "$work/configuration.mjs" &&
    node --input-type=module -e '
      const { webhookConfiguration } = await import(process.argv[1]);
      const [{ clientConfig, rules: [rule], ...webhook }] = webhookConfiguration({ url: "", ca: "" }).webhooks;
      const fields = { ...webhook, rules: [{ ...rule, scope: "*" }] };
      const asserts = Object.entries(fields).map(([name, value]) => ({ equal: { path: `webhooks[0].${name}`, value } }));
      asserts.push({ lengthEqual: { path: "webhooks", count: 1 } });
      const tests = [{ it: "is as on this machine", set: { "aws.region": "eu-west-1" }, asserts }];
      console.log(JSON.stringify({ suite: "webhook", templates: ["webhook/mutatingwebhookconfiguration.yaml"], tests }));
    ' "$work/configuration.mjs" > "$work/webhook_test.yaml" &&
    helm-unittest "$chart" -f "$work/webhook_test.yaml" &&
    helm-unittest "$chart" -f "$work/webhook_test.yaml" | grep -q '^Tests: .* 1 passed'
}

refuses() {
  refused "additional properties 'replicaCount' not allowed" --set replicaCount=2 &&
    refused "additional properties 'regoin' not allowed" --set aws.regoin=eu-west-1 &&
    refused "at '/deployment/replicas': got string, want integer" --set-string deployment.replicas=2 &&
    refused "at '/cronjob/restartPolicy': value must be one of 'Never', 'OnFailure'" --set cronjob.restartPolicy=Always &&
    refused "at '/aws/region': '.*' does not match pattern" --set aws.region=us_east_1 &&
    refused "missing property 'aws'" --set aws=null &&
    refused "at '/image': missing property 'repository'" --set image.repository=null &&
    refused "at '/deployment': missing property 'replicas'" --set deployment.replicas=null &&
    refused "at '/tls/issuerRef': properties 'name' required" --set tls.issuerRef.kind=ClusterIssuer &&
    refused "at '/webhook/podDisruptionBudget/maxUnavailable': 'abc' does not match" --set webhook.podDisruptionBudget.maxUnavailable=abc &&
    refused "at '/commonLabels/team': 'a b' does not match" --set 'commonLabels.team=a b' &&
    refused "at '/serviceName': 'a.b.c' does not match" --set serviceName=a.b.c &&
    refused "at '/image/repository': 'ghcr.io/CentML/x' does not match" --set image.repository=ghcr.io/CentML/x &&
    refused "at '/refresh/threshold': '6' does not match pattern" --set-string refresh.threshold=6 &&
    refused "at '/pod/container/env/0/value': got number, want string" --set 'pod.container.env[0].name=A,pod.container.env[0].value=1'
}
# refused MESSAGE FLAGS...: both versions of Helm must refuse.
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
    npx prettier --config .prettierrc.json --write --log-level warn "$work/README.md"
}

# each_values FUNCTION ARGUMENTS...: calls it with each values file, until one fails.
each_values() {
  local file
  for file in "${values[@]}"; do
    "$1" "$file" "${@:2}" || { echo "with $file"; return 1; }
  done
}

# render HELM VALUES FLAGS...
render() { "$1" template ecr-anywhere "$chart" --namespace ours -f "$2" "${@:3}"; }

main "$@"
