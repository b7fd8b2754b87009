#!/bin/bash
# Measures ECR Anywhere on a testbed, installed by helm, beside a bare webhook: `npm run bench:cluster`. The figures go to
# standard output as Markdown, for docs/performance.md.
#   cluster.sh [ROUNDS]   ROUNDS of each kind; without it, as many as are needed
# KEEP=1 leaves the testbed running. TESTBED_NAME is bench unless given, so that another testbed is left alone.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export TESTBED_NAME=${TESTBED_NAME:-bench}
npx nx build @ecr-anywhere/bench >&2
tools/testbed/with-images.sh node tools/scenarios/bench/dist/main.js cluster "$@"
