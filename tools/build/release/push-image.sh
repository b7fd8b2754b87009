#!/bin/bash
# Pushes an image of a release without a tag, as the archive has it. Prints the reference by digest, to be signed:
#   push-image.sh ARCHIVE REPOSITORY VERSION
# tag-image.sh gives it its tag. So the tag of a release never names an image that is not signed.
set -euo pipefail
archive=$1 repository=$2 version=$3
published=$(mktemp)
trap 'rm "$published"' EXIT
digest=$(tar -xOf "$archive" index.json | jq -r '.manifests | if length == 1 then .[0].digest else error("not one image") end')

# A release is not replaced. The same image may be pushed again, so that a job can run again after a failure.
"$(dirname "$0")/published-manifest.sh" "$repository:$version" "$published"
found=sha256:$(sha256sum < "$published" | cut -d' ' -f1)
if [ -s "$published" ] && [ "$found" != "$digest" ]; then
  echo "$repository:$version is already published as $found, not as $digest. Release another version." >&2
  exit 1
fi
skopeo copy --quiet --all --preserve-digests "oci-archive:$archive" "docker://$repository@$digest" >&2
echo "$repository@$digest"
