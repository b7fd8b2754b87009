#!/bin/bash
# Pushes the chart of a release to a registry. Prints the reference by digest, to be signed:
#   push-chart.sh ARCHIVE REPOSITORY VERSION [HELM FLAG...]
# The repository is without the chart's name, as in ghcr.io/centml/charts.
set -euo pipefail
archive=$1 repository=$2 version=$3
name=$repository/ecr-anywhere
published=$(mktemp)
trap 'rm "$published"' EXIT
read_published() { "$(dirname "$0")/published-manifest.sh" "$name:$version" "$published"; }

# Helm writes the file's time into the manifest, so its digest is known only after the push. The archive is a blob of it.
# A release is not replaced. If this archive is published already, the job runs again after a failure.
read_published
if [ ! -s "$published" ]; then
  helm push "$archive" "oci://$repository" "${@:4}" >&2
  read_published
fi
wanted=sha256:$(sha256sum "$archive" | cut -d' ' -f1)
found=$(jq -r '.layers[] | select(.mediaType == "application/vnd.cncf.helm.chart.content.v1.tar+gzip").digest' "$published")
if [ "$found" != "$wanted" ]; then
  echo "$name:$version is already published with the archive $found, not with $wanted. Release another version." >&2
  exit 1
fi
echo "$name@sha256:$(sha256sum < "$published" | cut -d' ' -f1)"
