#!/bin/bash
# Compares ECR Anywhere, installed by helm on a testbed, with a bare webhook: `npm run bench:cluster`. The figures go to
# standard output as Markdown, for docs/performance.md.
#   cluster.sh [ROUNDS]   the number of rounds of each kind; by default, as many as are needed
# KEEP=1 leaves the testbed running. TESTBED_NAME is bench by default, so that other testbeds are not affected.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export TESTBED_NAME=${TESTBED_NAME:-bench}
npx nx build @ecr-anywhere/bench >&2
tools/testbed/with-images.sh node tools/scenarios/bench/dist/main.js cluster "$@"
