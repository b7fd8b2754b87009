#!/bin/bash
# Checks the shell scripts of the repository (shellcheck), the workflows of GitHub (actionlint), and that what they use is
# pinned; runs the tests of the release scripts. Needs Node, Go, and Debian's package shellcheck.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v shellcheck > /dev/null || { echo "shellcheck is missing: apt-get install shellcheck." >&2; exit 1; }
mapfile -t scripts < <(git ls-files --cached --others --exclude-standard '*.sh' ':!tools/testbed/lib')
shellcheck -x -P SCRIPTDIR "${scripts[@]}"
# These are parts of cluster.sh, which sets the variables that they use.
shellcheck -x -P SCRIPTDIR -e SC2154 tools/testbed/lib/*.sh
(cd tools/testbed/actionlint && go tool actionlint ../../../.github/workflows/*.yml)
node --test --test-reporter=spec tools/build/release/*.test.mjs
echo "The scripts and the workflows have no problems."
