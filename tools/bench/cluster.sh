#!/bin/bash
# Measures ECR Anywhere on a testbed, installed by helm, beside a bare webhook: `npm run bench:cluster`. The figures go to
# standard output as Markdown, for docs/performance.md.
#   cluster.sh [ROUNDS]   ROUNDS of each kind; without it, as many as are needed
# KEEP=1 leaves the testbed running. TESTBED_NAME is bench unless given, so that another testbed is left alone.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
testbed=tools/testbed
cluster=$testbed/cluster.sh
export TESTBED_NAME=${TESTBED_NAME:-bench}

{
  "$testbed/install-packages.sh"
  "$testbed/build.sh"
  npx nx run-many -t build -p @ecr-anywhere/webhook @ecr-anywhere/refresher @ecr-anywhere/aws-emulator @ecr-anywhere/bench --output-style=static
  "$testbed/base-image.sh"
} >&2
mapfile -t archives < <(tools/images/build.sh)

down() { [ -n "${KEEP:-}" ] || "$cluster" down; }
trap down EXIT
{
  "$cluster" up
  "$cluster" load "${archives[@]}"
} >&2
"$cluster" exec node tools/bench/dist/main.js cluster "$@"
