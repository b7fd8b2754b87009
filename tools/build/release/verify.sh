#!/bin/bash
# Verifies a release with the commands of docs/releases.md:
#   verify.sh VERSION
# Environment: REGISTRY and VERIFY_BY, for a registry on this machine whose images are signed by a key (try.sh). Without
# GitHub's identity there is no provenance by GitHub, so these commands are left out then.
set -euo pipefail
version=$1
document=$(dirname "$0")/../../../docs/releases.md
# shellcheck disable=SC2016 # the fences of Markdown
commands=$(sed -n '/^```sh verify$/,/^```$/p' "$document" | sed "/^\`\`\`/d; s/^VERSION=.*/VERSION=$version/")
if [ -n "${VERIFY_BY:-}" ]; then
  commands=$(sed "s|^REGISTRY=.*|REGISTRY=$REGISTRY|; s|^VERIFY_BY=.*|VERIFY_BY='$VERIFY_BY'|; /^gh /d" <<< "$commands")
fi
[ "$(grep -cE '^(VERSION|REGISTRY|VERIFY_BY)=|^cosign ' <<< "$commands")" -ge 9 ] || {
  echo "$document does not have the commands that this script expects." >&2
  exit 1
}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cd "$work"
bash -euxo pipefail -c "$commands"
