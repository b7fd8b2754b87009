#!/bin/bash
# Publishes what build.sh built to a registry on this machine, signs it with a key, and verifies it with the commands of
# docs/releases.md. Then it tampers in each way that a release has to notice:
#   try.sh VERSION FOLDER
# Needs root, helm, and Debian's packages skopeo, jq and docker-registry. Builds cosign from cosign/go.mod into the testbed's
# folder, which takes many minutes the first time. The folder stays as it is.
set -euo pipefail
version=$1
archives=$(cd "$2" && pwd)
cd "$(dirname "$0")"
home=${TESTBED_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/ecr-anywhere/testbed}
PATH=$home/bin:$PATH
for program in skopeo jq docker-registry helm; do
  command -v $program > /dev/null || { echo "$program is missing: apt-get install skopeo jq docker-registry; tools/testbed/build.sh helm" >&2; exit 1; }
done
installed() { [ "$(cosign version --json 2> /dev/null | jq -r .gitVersion)" = "$1" ]; }
release=$(cd cosign && go list -m -f '{{.Version}}' github.com/sigstore/cosign/v3)
if ! installed "$release"; then
  echo "Building cosign $release …" >&2
  (cd cosign && CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X sigs.k8s.io/release-utils/version.gitVersion=$release" \
    -o "$home/bin/cosign" github.com/sigstore/cosign/v3/cmd/cosign)
fi

work=$(mktemp -d)
registry_pid=
trap 'kill $registry_pid; rm -rf "$work"' EXIT
export HOME=$work COSIGN_PASSWORD='' COSIGN_YES=true
registry=localhost:5055
by_key=(--key "$work/ours.key" --use-signing-config=false --tlog-upload=false)

main() {
  start_registry
  (cd "$work" && cosign generate-key-pair --output-key-prefix ours && cosign generate-key-pair --output-key-prefix other) 2> /dev/null

  cp -r "$archives" "$work/archives"
  printf x | dd of="$work/archives/images/ecr-anywhere-webhook.tar" bs=1 seek=2000000 conv=notrunc status=none
  fails 'an archive that was changed after the build' ./checksums.sh "$work/archives" "$(./checksums.sh "$archives")"
  fails 'the push of the changed archive' ./push-image.sh "$work/archives/images/ecr-anywhere-webhook.tar" $registry/centml/ecr-anywhere-webhook "$version"

  ./checksums.sh "$archives" "$(./checksums.sh "$archives")"
  local webhook refresher chart
  webhook=$(publish_image ecr-anywhere-webhook)
  refresher=$(publish_image ecr-anywhere-refresher)
  chart=$(./push-chart.sh "$archives/chart/ecr-anywhere-$version.tgz" $registry/centml/charts "$version" --plain-http)
  ./sign.sh "$chart" "$archives/sbom/ecr-anywhere.spdx.json" "${by_key[@]}"

  passes 'the commands of docs/releases.md' verify ours
  passes 'the tag names the image of the archive' same_digest "$webhook"
  passes 'the SBOM that a user gets is that of the build' same_sbom "$webhook"
  passes 'a second run pushes the same' publish_image ecr-anywhere-webhook
  passes 'a second run pushes the same chart' ./push-chart.sh "$archives/chart/ecr-anywhere-$version.tgz" $registry/centml/charts "$version" --plain-http

  fails 'a signature by another key' verify other
  fails 'another image with the same version' ./push-image.sh "$archives/images/ecr-anywhere-refresher.tar" $registry/centml/ecr-anywhere-webhook "$version"
  helm package ../../../charts/ecr-anywhere --version "$version" --app-version 9.9.9 --destination "$work/archives/chart" > /dev/null
  fails 'another chart with the same version' ./push-chart.sh "$work/archives/chart/ecr-anywhere-$version.tgz" $registry/centml/charts "$version" --plain-http
  git init --quiet "$work/pages" && echo 'apiVersion: v1' > "$work/pages/index.yaml"
  passes 'the chart in the repository on GitHub Pages' chart_repository "$archives/chart/ecr-anywhere-$version.tgz"
  passes 'a second run changes nothing there' chart_repository "$archives/chart/ecr-anywhere-$version.tgz"
  fails 'another chart with the same version there' chart_repository "$work/archives/chart/ecr-anywhere-$version.tgz"

  skopeo copy --quiet --all --preserve-digests "oci-archive:$work/unsigned.tar" docker://$registry/centml/ecr-anywhere-webhook:"$version"
  fails 'a tag that somebody moved to an image without a signature' verify ours
  skopeo copy --quiet --all --preserve-digests "docker://$refresher" "docker://${webhook%@*}:$version"
  fails 'a tag that somebody moved to a signed image of another name' verify ours
}

start_registry() {
  mkdir -p "$work/.config/containers"
  printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' $registry > "$work/.config/containers/registries.conf"
  printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: "%s"}}\nhttp: {addr: "127.0.0.1:5055"}\n' \
    "$work/registry" > "$work/registry.yml"
  docker-registry serve "$work/registry.yml" > "$work/registry.log" 2>&1 &
  registry_pid=$!
  for _ in {1..100}; do
    if (: < /dev/tcp/127.0.0.1/5055) 2> /dev/null; then break; fi
    sleep 0.1
  done
  # An image that nobody signed: ours with another label.
  printf 'FROM scratch\nLABEL a=b\n' > "$work/Dockerfile"
  buildah bud --quiet --isolation chroot --tag localhost/unsigned "$work" > /dev/null
  buildah push --quiet localhost/unsigned "oci-archive:$work/unsigned.tar"
  buildah rmi localhost/unsigned > /dev/null
}

publish_image() {
  local reference
  reference=$(./push-image.sh "$archives/images/$1.tar" "$registry/centml/$1" "$version")
  ./sign.sh "$reference" "$archives/sbom/$1.spdx.json" "${by_key[@]}" >&2
  ./tag-image.sh "$reference" "$version"
  echo "$reference"
}

same_digest() { [ "${1#*@sha256:}" = "$(skopeo inspect --raw "docker://${1%@*}:$version" | sha256sum | cut -d' ' -f1)" ]; }

# Adds the chart. Then the repository has one commit, and its index has the checksum of the archive.
chart_repository() {
  ./add-to-chart-repository.sh "$1" "$work/pages" "file://$work/pages" &&
    [ "$(git -C "$work/pages" rev-list --count HEAD)" = 1 ] && [ -z "$(git -C "$work/pages" status --porcelain)" ] &&
    grep -q "digest: $(sha256sum "$1" | cut -d' ' -f1)" "$work/pages/index.yaml"
}

same_sbom() {
  cosign verify-attestation --key "$work/ours.pub" --insecure-ignore-tlog=true --type spdxjson "$1" |
    jq -r .payload | base64 -d | jq -S .predicate | diff - <(jq -S . "$archives/sbom/ecr-anywhere-webhook.spdx.json")
}

# The documented commands, with a key in place of the workflow's identity, and without those that ask GitHub.
verify() {
  REGISTRY=$registry/centml VERIFY_BY="--key $work/$1.pub --insecure-ignore-tlog=true" ./verify.sh "$version"
}

passes() {
  if ! "${@:2}" > "$work/output" 2>&1; then
    cat "$work/output"
    echo "FAILED   $1"
    exit 1
  fi
  echo "ok       $1"
}
fails() {
  if "${@:2}" > "$work/output" 2>&1; then
    cat "$work/output"
    echo "FAILED   $1 is accepted"
    exit 1
  fi
  echo "refused  $1: $(grep -v '^+' "$work/output" | tail -1 | cut -c1-150)"
}

main
