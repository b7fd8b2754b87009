#!/bin/bash
# Checks what build.sh built, as it is going to be published:
#   check.sh VERSION FOLDER
# Needs root, the dependencies of the checkout, helm, and for the images runc, readelf and qemu-user-static.
set -euo pipefail
version=$1
folder=$(cd "$2" && pwd)
cd "$(dirname "$0")/../../.."
[ -e /usr/bin/qemu-aarch64-static ] || { echo "qemu-user-static is missing: apt-get install qemu-user-static" >&2; exit 1; }

# shellcheck disable=SC2016 # of JavaScript
labels() {
  node --input-type=module -e '
    import { deepEqual } from "node:assert/strict";
    import { openArchive } from "./tools/build/images/oci-archive.mjs";
    const [folder, work, version, revision] = process.argv.slice(1);
    for (const program of ["webhook", "refresher"])
      for (const architecture of ["amd64", "arm64"]) {
        const image = openArchive(`${folder}/images/ecr-anywhere-${program}.tar`, `${work}/${program}-${architecture}`, architecture);
        const label = (name) => image.config.config.Labels[`org.opencontainers.image.${name}`];
        deepEqual([label("version"), label("revision")], [version, revision]);
      }
  ' "$folder" "$work" "$version" "$(git rev-parse HEAD)"
}

chart() {
  local archive=$folder/chart/ecr-anywhere-$version.tgz program
  helm lint --strict --quiet --set aws.region=eu-west-1,callers.mode=none "$archive"
  helm template x "$archive" --set aws.region=eu-west-1,callers.mode=none > "$work/manifests.yaml"
  for program in webhook refresher; do
    grep -q "image: .*ghcr.io/centml/ecr-anywhere-$program:$version\"\?$" "$work/manifests.yaml" || {
      echo "The chart does not install ghcr.io/centml/ecr-anywhere-$program:$version." >&2
      exit 1
    }
  done
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for arch in amd64 arm64; do node --test-reporter=spec tools/build/images/check.mjs "$folder/images" "$arch"; done
labels
for tarball in "$folder"/packages/*.tgz; do node tools/build/check-package.mjs "$tarball"; done
chart
echo "The archives of $version have no problems."
