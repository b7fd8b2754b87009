#!/bin/bash
# All checks of the Helm chart that need no cluster. If one fails, prints what to do and ends with 1.
#   check.sh           check
#   check.sh --write   bring the chart's README.md up to date with values.yaml, and the table of rights in SECURITY.md with the
#                      templates
set -uo pipefail
cd "$(dirname "$0")/../../.." || exit
home=${TESTBED_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/ecr-anywhere/testbed}
PATH=$home/bin:$PATH
chart=charts/ecr-anywhere
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
values=("$chart"/tests/values/*.yaml)
# What the chart asks for if Helm sees no cluster.
without_cluster=$chart/tests/without-cluster.yaml
# Helm generates another certificate each time.
made_anew='s/^\( *\(caBundle\|ca.crt\|tls.crt\|tls.key\): \).*/\1…/'
failures=0

main() {
  tools/testbed/build.sh helm helm4 && tools/build/chart/build.sh || exit 1
  make_readme || { echo "README.md could not be made." >&2; exit 1; }
  make_rights || { echo "The table of rights could not be made." >&2; exit 1; }
  if [ "${1:-}" = --write ]; then
    cp "$work/README.md" "$chart/README.md"
    cp "$work/SECURITY.md" SECURITY.md
    exit
  fi
  # The alerts take as long as half of the other checks, and one processor.
  tools/build/chart/check-alerts.sh > "$work/alerts" 2>&1 &
  alerts=$!
  check 'helm lint --strict' lint
  check 'unit tests (helm-unittest)' helm-unittest "$chart"
  check 'values that the schema refuses' refuses
  check 'values that are null' nulls
  check 'values of an older version (helm upgrade --reuse-values)' reuse_values
  check 'a dependency of another chart' dependency
  check 'common labels and annotations on every object' common
  check 'the same manifests with and without a cluster' same_with_cluster
  check 'the same webhook configuration as on this machine (tools/scenarios/local-installation)' same_webhook
  check 'the same overlaps of two installations as in helm test (apps/refresher/src/testing/overlap-cases.ts)' same_overlap
  check 'the same credential keys and annotations in the policy as in the webhook (consumers/index.ts, review/annotations.ts)' same_policy
  check 'manifests against the schemas of Kubernetes, cert-manager and the Prometheus Operator (kubeconform)' conform
  check 'the same manifests from Helm 3 and Helm 4' same_by_helm_4
  check 'alerts (promtool)' alerts
  check 'the package of a release' package
  check "README.md is up to date (run tools/build/chart/check.sh --write if not)" cmp "$chart/README.md" "$work/README.md"
  check "the rights of service accounts in SECURITY.md are true (run tools/build/chart/check.sh --write if not)" diff SECURITY.md "$work/SECURITY.md"
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

alerts() { wait "$alerts" || { cat "$work/alerts" && return 1; }; }

lint() { each_values lint_with; }
lint_with() {
  helm lint --strict --quiet "$chart" -f "$without_cluster" -f "$1" && helm4 lint --strict --quiet "$chart" -f "$without_cluster" -f "$1"
}

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

# Both stand in the metadata of each object, at the same indentation. Objects of the user's own are the user's.
common() { each_values common_with; }
common_with() {
  render helm "$1" --set commonLabels.every=object,commonAnnotations.every=object,extraObjects=null > "$work/common.yaml" || return
  [ "$(grep -c '^    every: object$' "$work/common.yaml")" -eq $((2 * $(grep -c '^kind: ' "$work/common.yaml"))) ] && return
  echo 'An object has not both. Does its template use "ecr-anywhere.metadata"?'
  return 1
}

# Values that the schema does not require may be null: the same as absent. This removes some defaults.
nulls() {
  local part flags=(--set "aws.region=eu-west-1,callers.mode=none")
  for part in networkPolicy monitoring.{serviceMonitor,prometheusRule,dashboard}; do flags+=(--set "$part.enabled=true"); done
  helm template x "$chart" "${flags[@]}" > "$work/plain.yaml" &&
    null_values keep > "$work/nulls.json" && helm template x "$chart" -f "$work/nulls.json" "${flags[@]}" | diff "$work/plain.yaml" - &&
    null_values > "$work/nulls.json" && helm template x "$chart" -f "$work/nulls.json" "${flags[@]}" | conforms v1.36.3
}
null_values() {
  node -e '
    const taken = ["podSecurityContext", "containerSecurityContext", "resources", "labels", "metricsFrom"];
    const absent = ["enabled"];
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
render_reused() { helm template ecr-anywhere "$work/reused" --namespace ours -f "$without_cluster" -f "$1"; }
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
  local parent=$work/parent file
  mkdir -p "$parent/charts" "$parent/templates" && cp -r "$chart" "$parent/charts"
  cat > "$parent/Chart.yaml" << 'EOF'
apiVersion: v2
name: parent
version: 1.0.0
dependencies:
  - { name: ecr-anywhere, version: '*', condition: ecr-anywhere.enabled }
EOF
  for file in "$chart"/tests/values/{web-identity,umbrella}.yaml; do as_dependency "$parent" "$file" || return; done
  # Of the parent, and not of the values of the dependency.
  helm template x "$parent" --set ecr-anywhere.aws.region=eu-west-1,ecr-anywhere.callers.mode=none,global.imageRegistry=mirror.example.com | grep -q 'image: "mirror.example.com/centml/' &&
    helm template x "$parent" --set ecr-anywhere.aws.region=eu-west-1,ecr-anywhere.callers.mode=none,global=null > /dev/null
}
as_dependency() {
  { echo 'ecr-anywhere:' && echo '  enabled: true' && sed 's/^/  /' "$without_cluster" "$2"; } > "$work/parent.yaml"
  render helm "$2" | sort > "$work/plain.yaml"
  helm template ecr-anywhere "$1" --namespace ours -f "$work/parent.yaml" | sed 's|^# Source: parent/charts/|# Source: |' | sort | diff "$work/plain.yaml" - &&
    helm4 lint --strict --quiet "$1" -f "$work/parent.yaml" &&
    helm template ecr-anywhere "$1" -f "$work/parent.yaml" --set ecr-anywhere.enabled=false | diff -B /dev/null -
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
      const tests = [{ it: "is as on this machine", set: { "aws.region": "eu-west-1", "callers.mode": "none" }, asserts }];
      console.log(JSON.stringify({ suite: "webhook", templates: ["webhook/mutatingwebhookconfiguration.yaml"], tests }));
    ' "$work/configuration.mjs" > "$work/webhook_test.yaml" &&
    unit_tests "$work/webhook_test.yaml" 1
}

# The chart and the refresher decide whether two installations overlap. The cases of the refresher's tests become unit tests of
# the chart: what the chart refuses, and which selector it has for the same values.
# shellcheck disable=SC2016 # of JavaScript
same_overlap() {
  npx esbuild --log-level=warning --format=esm apps/refresher/src/testing/overlap-cases.ts > "$work/overlap-cases.mjs" &&
    node --input-type=module -e '
      const { OVERLAP_CASES } = await import(process.argv[1]);
      const gvr = { group: "admissionregistration.k8s.io", version: "v1", resource: "mutatingwebhookconfigurations" };
      const scheme = { "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration": { gvr } };
      const tests = OVERLAP_CASES.flatMap(({ when, values, selector, other, overlaps }) => [
        {
          it: `${overlaps ? "refuse" : "accept"} it if ${when}`,
          template: "validate.yaml",
          set: { ...values, "aws.region": "eu-west-1", "callers.mode": "none" },
          kubernetesProvider: { scheme, objects: [other] },
          asserts: [overlaps ? { failedTemplate: { errorPattern: overlaps } } : { notFailedTemplate: {} }],
        },
        {
          it: `have the selector if ${when}`,
          template: "webhook/mutatingwebhookconfiguration.yaml",
          set: { ...values, "aws.region": "eu-west-1", "callers.mode": "none" },
          asserts: [{ equal: { path: "webhooks[0].namespaceSelector", value: selector } }],
        },
      ]);
      const release = { name: "ecr-anywhere", namespace: "ours" };
      console.log(JSON.stringify({ suite: "overlaps", release, tests }));
    ' "$work/overlap-cases.mjs" > "$work/overlap_test.yaml" &&
    unit_tests "$work/overlap_test.yaml" '[1-9][0-9]+'
}

# The policy must allow the refresher's writes after the webhook has filled them.
# shellcheck disable=SC2016 # of JavaScript
same_policy() {
  local source=$PWD/apps/webhook/src
  echo "export * from '$source/consumers/index.ts'; export * from '$source/review/annotations.ts'; export * from '@ecr-anywhere/secret-scan';" |
    npx esbuild --bundle --platform=node --format=cjs --log-level=error --conditions=@ecr-anywhere/source > "$work/written.cjs" &&
    helm template x "$chart" --set aws.region=eu-west-1,callers.mode=none --show-only templates/policy/validatingadmissionpolicy.yaml > "$work/policy.yaml" &&
    node -e '
      const { load } = require("js-yaml");
      const { CONSUMERS, WRITTEN, ANNOTATIONS } = require(process.argv[1]);
      const { variables } = load(fs.readFileSync(process.argv[2], "utf8")).spec;
      const inPolicy = (name) => JSON.parse(variables.find((found) => found.name === name).expression.replaceAll("\u0027", "\""));
      const { deepEqual } = require("node:assert/strict");
      deepEqual(inPolicy("credentialKeys").sort(), [...new Set(CONSUMERS.flatMap(({ keys }) => keys))].sort());
      deepEqual(inPolicy("ourAnnotations").sort(), WRITTEN.map((name) => ANNOTATIONS[name]).sort());
    ' "$work/written.cjs" "$work/policy.yaml"
}

# unit_tests FILE PASSED: all must pass. PASSED is a pattern of their number, because helm-unittest accepts a file that has none.
unit_tests() { helm-unittest "$chart" -f "$1" | tee "$work/tests" && grep -qE "^Tests: .* $2 passed" "$work/tests"; }

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
    refused "at '/webhook/ports/https': minimum: got 443, want 1,024" --set webhook.ports.https=443 &&
    refused "at '/webhook/timeoutSeconds': minimum: got 3, want 4" --set webhook.timeoutSeconds=3 &&
    refused "at '/webhook/timeoutSeconds': maximum: got 31, want 30" --set webhook.timeoutSeconds=31 &&
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
    if $helm template x "$chart" --set aws.region=eu-west-1,callers.mode=none "${@:2}" > "$work/refusal" 2>&1; then
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
  local package=$work/ecr-anywhere-7.8.9.tgz icon
  tools/build/chart/package.sh 7.8.9 "$work" && tar tzf "$package" > "$work/files" || return
  if grep -E '^ecr-anywhere/tests/|gotmpl$' "$work/files"; then echo 'does not belong there: add it to .helmignore'; return 1; fi
  grep -x 'ecr-anywhere/templates/tests/pod.yaml' "$work/files" || { echo 'has no pod for helm test: see .helmignore'; return 1; }
  cmp LICENSE <(tar xzOf "$package" ecr-anywhere/LICENSE) || return
  helm show chart "$package" > "$work/chart.yaml"
  icon=$(sed -n 's|^icon: https://raw.githubusercontent.com/CentML/ecr-anywhere/v7.8.9/||p' "$work/chart.yaml")
  [ -f "$icon" ] || { echo "Chart.yaml names no icon of the release that is in the repository: $icon"; return 1; }
  if grep -F "$(sed -n 's/^version: //p' "$chart/Chart.yaml")" "$work/chart.yaml"; then echo 'is of another version'; return 1; fi
  annotations "$work/chart.yaml" && same_images "$package" "$work/chart.yaml"
}
# What Artifact Hub shows (https://artifacthub.io/docs/topics/annotations/helm).
annotations() {
  local wanted
  for wanted in 'artifacthub.io/license: Apache-2.0' 'artifacthub.io/links: |' 'artifacthub.io/changes: |'; do
    grep -qxF "  $wanted" "$1" || { echo "Chart.yaml lacks the annotation $wanted"; return 1; }
  done
  grep -qx 'maintainers:' "$1" || { echo 'Chart.yaml names no maintainers'; return 1; }
  sed -n 's|.*blob/v7.8.9/||p' "$1" | while read -r wanted; do
    [ -f "$wanted" ] || { echo "Chart.yaml links to $wanted, which is not there"; return 1; }
  done
}
# The images that Artifact Hub scans are those that the chart installs.
same_images() {
  helm template x "$1" --set aws.region=eu-west-1,callers.mode=none | sed -n 's/^ *image: "\(.*\)"/\1/p' | sort -u > "$work/images"
  [ -s "$work/images" ] && sed -n 's/^ *image: \(ghcr.*\)/\1/p' "$2" | sort -u | diff "$work/images" -
}

make_readme() {
  helm-docs --log-level warn --chart-search-root "$chart" --sort-values-order file --dry-run > "$work/README.md" &&
    npx prettier --config .prettierrc.json --write --log-level warn "$work/README.md"
}

# What each service account may do, as SECURITY.md says it between two comments: with the default values, and what differs with
# others.
# shellcheck disable=SC2016 # of Markdown
make_rights() {
  rights_with 'the default values' &&
    rights_with '`rbac.secretNames: [ecr-secret]`' --set 'rbac.secretNames={ecr-secret}' &&
    rights_with '`rbac.namespaces: [team-a]`' --set 'rbac.namespaces={team-a}' &&
    rights_with 'both' --set 'rbac.secretNames={ecr-secret},rbac.namespaces={team-a}' &&
    rights_with '`callers.mode: aggregated`' --set callers.mode=aggregated || return
  node tools/build/chart/rights.mjs "${renderings[@]}" > "$work/rights.md" &&
    sed -e '/^<!-- rights: /,/^<!-- end of rights -->/{//!d}' -e "/^<!-- rights: /r $work/rights.md" SECURITY.md > "$work/SECURITY.md" &&
    grep -q '^| service account' "$work/SECURITY.md" &&
    npx prettier --config .prettierrc.json --write --log-level warn "$work/SECURITY.md"
}
renderings=()
# rights_with NAME FLAGS...
rights_with() {
  local file=$work/rights-${#renderings[@]}.yaml
  helm template ecr-anywhere "$chart" --namespace ecr-anywhere -f "$without_cluster" --set aws.region=eu-west-1 "${@:2}" > "$file" && renderings+=("$1=$file")
}

# each_values FUNCTION ARGUMENTS...: calls it with each values file, until one fails.
each_values() {
  local file
  for file in "${values[@]}"; do
    "$1" "$file" "${@:2}" || { echo "with $file"; return 1; }
  done
}

# render HELM VALUES FLAGS...
render() { "$1" template ecr-anywhere "$chart" --namespace ours -f "$without_cluster" -f "$2" "${@:3}"; }

main "$@"
