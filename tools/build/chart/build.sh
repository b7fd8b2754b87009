#!/bin/bash
# Builds the programs that check the chart, pinned by the go.mod files beside this script, into the folder where
# tools/testbed/build.sh puts its own: helm-unittest, helm-docs, promtool, kubeconform, and the schemas that it checks with.
# Needs Go and nothing else. Builds only what changed; eight minutes on two cores the first time.
set -euo pipefail
cd "$(dirname "$0")"
home=${TESTBED_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/ecr-anywhere/testbed}
bin=$home/bin
export CGO_ENABLED=0
# Manifests are checked against these versions of Kubernetes: the oldest three that Chart.yaml allows, one in between, the
# newest. The module has their OpenAPI.
kubernetes=(v1.28.15 v1.29.15 v1.30.14 v1.33.13 v1.36.3)
# It defines the CRDs ServiceMonitor and PrometheusRule.
prometheus_operator=v0.85.0

build_helm-unittest() { go_build github.com/helm-unittest/helm-unittest/cmd/helm-unittest; }
build_helm-docs() { go_build github.com/norwoodj/helm-docs/cmd/helm-docs; }
build_promtool() { go_build github.com/prometheus/prometheus/cmd/promtool; }
build_kubeconform() { go_build github.com/yannh/kubeconform/cmd/kubeconform; }
go_build() { go build -trimpath -ldflags="-s -w" -o "$bin/${1##*/}" "$1"; }

build_schemas() {
  local version
  rm -rf "$home/schemas"
  for version in "${kubernetes[@]}"; do
    go run . "$home/schemas/$version" "$(module_dir "k8s.io/kubernetes@$version")/api/openapi-spec/swagger.json"
  done
  go run . "$home/schemas/crds" "$(cd ../../../testbed/certmanager && module_dir github.com/cert-manager/cert-manager)"/deploy/crds/*.yaml
  go run . "$home/schemas/crds" \
    "$(module_dir "github.com/prometheus-operator/prometheus-operator@$prometheus_operator")"/example/prometheus-operator-crd/monitoring.coreos.com_{prometheusrules,servicemonitors}.yaml
}
module_dir() { go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'; }

# build NAME MODULE [RESULT]: builds it if it is missing or if its inputs have changed.
build() {
  local stamp=$home/stamps/chart-$1 wanted
  wanted=$({ go version; cat "$2"/* build.sh ../../testbed/certmanager/go.mod; } | sha256sum)
  if [ -e "$home/${3:-bin/$1}" ] && [ "$(cat "$stamp" 2> /dev/null)" = "$wanted" ]; then return; fi
  echo "Building $1 …" >&2
  (cd "$2" && "build_$1")
  echo "$wanted" > "$stamp"
}

command -v go > /dev/null || { echo "Go is missing: install Go 1.26 or newer (https://go.dev/dl)." >&2; exit 1; }
mkdir -p "$bin" "$home/stamps"
exec 9> "$home/building-chart.lock"
flock 9
build helm-unittest helm-unittest
build helm-docs helm-docs
build kubeconform kubeconform
build promtool promtool
build schemas kubeconform schemas/crds
