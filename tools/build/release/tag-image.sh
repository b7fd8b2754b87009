#!/bin/bash
# Gives an image in a registry the tag of its release:
#   tag-image.sh REPOSITORY@DIGEST VERSION
set -euo pipefail
reference=$1 version=$2
skopeo copy --quiet --all --preserve-digests "docker://$reference" "docker://${reference%@*}:$version"
