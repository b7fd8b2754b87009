#!/bin/bash
# Builds the images from the bundles that `nx build` made, and writes each as an OCI archive that
# `ctr images import` reads. Needs buildah and root. The same bundles on the same base give the same image, bit for bit,
# so an unchanged image is not written again.
set -euo pipefail
usage="Usage: $0 [--tag TAG] [--output FOLDER] [--arch amd64|arm64] [--programs]
  --tag       the images' tag and version; default: dev
  --output    where the archives go; default: the testbed's folder images
  --arch      default: this machine's; another needs a BASE of that architecture, and leaves out the emulator
  --programs  builds only the webhook and the refresher
Environment: BASE, an image with Node 24; default: localhost/node-base:24 where it exists, else the Dockerfile's"

fail() {
  echo "$1" >&2
  exit 1
}
root=$(cd "$(dirname "$0")/../../.." && pwd)
own=$(uname -m | sed 's/^x86_64$/amd64/; s/^aarch64$/arm64/')
tag=dev
output=${TESTBED_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/ecr-anywhere/testbed}/images
arch=$own
programs_only=
while [ $# -gt 0 ]; do
  case $1 in
    --tag) tag=${2:?"$usage"} ;;
    --output) output=${2:?"$usage"} ;;
    --arch) arch=${2:?"$usage"} ;;
    --programs)
      programs_only=yes
      shift
      continue
      ;;
    *) fail "$usage" ;;
  esac
  shift 2
done

command -v buildah >/dev/null || fail "buildah is missing: apt-get install --no-install-recommends buildah runc"
bundles=(apps/webhook apps/refresher)
[ -n "$programs_only" ] || bundles+=(tools/stand-ins/aws-emulator)
for bundle in "${bundles[@]}"; do
  [ -f "$root/$bundle/dist/main.js" ] || fail "$bundle/dist/main.js is missing: npx nx run-many -t build"
done
if [ -z "${BASE:-}" ] && buildah inspect --type image localhost/node-base:24 >/dev/null 2>&1; then
  BASE=localhost/node-base:24
fi
revision=$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)
git -C "$root" diff --quiet HEAD -- apps libs Dockerfile 2>/dev/null || revision=$revision-dirty

mkdir -p "$output"
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

# build NAME ARGUMENT...: builds localhost/NAME:tag, and removes the image that had this name
build() {
  local name=localhost/$1:$tag before now
  before=$(buildah images -q "$name" 2>/dev/null || true)
  buildah bud --quiet --isolation chroot --arch "$arch" --timestamp "${SOURCE_DATE_EPOCH:-0}" \
    ${BASE:+--build-arg "BASE=$BASE"} --tag "$name" "${@:2}" >/dev/null
  now=$(buildah images -q "$name")
  if [ -n "$before" ] && [ "$before" != "$now" ]; then buildah rmi "$before" >/dev/null 2>&1 || true; fi
}

# archive NAME: writes NAME.tar, unless it has this image under this name already
archive() {
  local name=localhost/$1:$tag file=$output/$1.tar is
  is="$name $(buildah images -q --no-trunc "$name")"
  if [ ! -f "$file" ] || [ "$(cat "$file.holds" 2>/dev/null)" != "$is" ]; then
    rm -f "$file" "$file.holds"
    buildah push --quiet "$name" "oci-archive:$file:$name"
    echo "$is" >"$file.holds"
  fi
  echo "$file"
}

for program in webhook refresher; do
  build "ecr-anywhere-$program" --target "$program" \
    --build-arg "VERSION=$tag" --build-arg "REVISION=$revision" "$root"
  archive "ecr-anywhere-$program"
done

if [ "$arch" != "$own" ] || [ -n "$programs_only" ]; then exit 0; fi
busybox=$(command -v busybox) || fail "busybox is missing: apt-get install --no-install-recommends busybox-static"
mkdir "$context/sleeper" "$context/emulator"
cp "$busybox" "$context/sleeper/busybox"
build ecr-anywhere-sleeper -f "$root/tools/build/images/sleeper.Dockerfile" "$context/sleeper"
buildah push --quiet "localhost/ecr-anywhere-sleeper:$tag" "oci:$context/emulator/image:sleeper"
cp "$root/tools/stand-ins/aws-emulator/package.json" "$root"/tools/stand-ins/aws-emulator/dist/*.js "$context/emulator"
chmod -R a+rX "$context/emulator"
build ecr-anywhere-aws-emulator -f "$root/tools/build/images/aws-emulator.Dockerfile" "$context/emulator"
archive ecr-anywhere-aws-emulator
