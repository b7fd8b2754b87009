#!/bin/bash
# Checks the alerts of the Helm chart as it renders them, with promtool: that they are valid, that each fires when it should
# and not when it should not, and that each has its paragraph in docs/operations.md. tools/build/chart/check.sh runs it.
set -euo pipefail
cd "$(dirname "$0")/../../.."
home=${TESTBED_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/ecr-anywhere/testbed}
PATH=$home/bin:$PATH
chart=charts/ecr-anywhere
manual=docs/operations.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

main() {
  cp "$chart"/tests/alerts/*.yaml "$work"
  # Two installations: an alert of one must not fire for the other.
  rules --namespace ours --set aws.region=eu-west-1 > "$work/rules.yaml"
  rules -f "$chart/tests/values/everything.yaml" --set cronjob.suspend=false > "$work/rules-elsewhere.yaml"
  if grep -E '<[a-zA-Z]+>' "$work"/rules*.yaml; then echo "templates/monitoring/_alerts.tpl leaves these words unfilled."; exit 1; fi
  promtool check rules --lint=all --lint-fatal "$work"/rules*.yaml
  promtool test rules "$work"/*_test.yaml
  each_alert_is_tested_and_explained
}

# rules FLAGS...: the rules file in the PrometheusRule.
rules() {
  helm template ecr-anywhere "$chart" "$@" -f "$chart/tests/without-cluster.yaml" --set monitoring.prometheusRule.enabled=true,monitoring.prometheusRule.runbookUrl=https://example.com/operations.md \
    --show-only templates/monitoring/prometheusrule.yaml | sed '1,/^spec:$/d; s/^  //'
}

each_alert_is_tested_and_explained() {
  local alert tests missing=0
  while read -r alert; do
    tests=$(grep -hA1 "alertname: $alert$" "$work"/*_test.yaml || true)
    grep -q 'exp_alerts: \[\]$' <<< "$tests" || lacks "a test in $chart/tests/alerts in which it does not fire"
    grep -q 'exp_alerts:$' <<< "$tests" || lacks "a test in $chart/tests/alerts in which it fires"
    grep -qx "### $alert" "$manual" || lacks "a paragraph in $manual, headed \"### $alert\""
  done < <(sed -n 's/^ *- alert: //p' "$work/rules.yaml" | sort -u)
  while read -r alert; do
    grep -q "alert: $alert$" "$work/rules.yaml" || { echo "$manual explains $alert, which is not an alert of the chart."; missing=1; }
  done < <(sed -n 's/^### \(EcrAnywhere.*\)/\1/p' "$manual")
  return "$missing"
}
lacks() { echo "$alert lacks $1."; missing=1; }

main
