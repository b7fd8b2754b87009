#!/bin/bash
# Builds everything that a release publishes, and publishes nothing:
#   build.sh VERSION FOLDER
# The folder gets images/ (OCI archives, each with an image for amd64 and one for arm64), packages/ (npm tarballs), chart/
# and sbom/. Prints the checksums of all files, which is how the jobs that publish know them. Needs root, buildah and helm.
# Environment: BASE, as for tools/build/images/build.sh; it must have both architectures.
set -euo pipefail
[ $# = 2 ] || { echo "Usage: $0 VERSION FOLDER" >&2; exit 1; }
version=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
cd "$(dirname "$0")/../../.."
[ -z "$(ls "$folder")" ] || { echo "$folder is not empty." >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The Dockerfile's own base, which has both architectures, and not one that build.sh of the images finds on this machine.
base=${BASE:-base}

main() {
  mkdir "$folder"/{images,packages,chart,metafiles}
  bundles
  images
  packages
  tools/build/chart/package.sh "$version" "$folder/chart"
  VERSION=$version REVISION=$(git rev-parse HEAD) CREATED=$(TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd) \
    node tools/build/release/sbom.mjs "$folder"
  rm -r "$folder/metafiles"
}

# esbuild's metafile says what is in a bundle. It is for the SBOM, not for the image.
bundles() {
  local program
  npx nx run-many -t build -p @ecr-anywhere/webhook @ecr-anywhere/refresher --metafile --output-style=static
  for program in webhook refresher; do mv "apps/$program/dist/meta.json" "$folder/metafiles/$program.json"; done
}

images() {
  local arch program name list
  for arch in amd64 arm64; do
    BASE=$base tools/build/images/build.sh --programs --arch "$arch" --tag "$version" --output "$work/$arch"
  done
  for program in webhook refresher; do
    name=ecr-anywhere-$program
    list=localhost/$name-both:$version
    buildah manifest rm "$list" > /dev/null 2>&1 || true
    buildah manifest create "$list" > /dev/null
    for arch in amd64 arm64; do buildah manifest add "$list" "oci-archive:$work/$arch/$name.tar" > /dev/null; done
    buildah manifest push --quiet --all --format oci "$list" "oci-archive:$folder/images/$name.tar"
    buildah manifest rm "$list" > /dev/null
  done
}

packages() {
  local library
  npx nx run-many -t build -p @ecr-anywhere/ecr-token @ecr-anywhere/admission @ecr-anywhere/secret-scan --output-style=static
  for library in ecr-token admission secret-scan; do npm pack --silent --pack-destination "$folder/packages" "./libs/$library"; done
}

main >&2
tools/build/release/checksums.sh "$folder"
