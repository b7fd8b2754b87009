#!/bin/bash
# Writes the manifest that a tag names in a registry into a file. The file stays empty if there is no such tag:
#   published-manifest.sh REPOSITORY:TAG FILE
# Fails if the registry does not answer: a release must not overwrite what it cannot see.
set -euo pipefail
reference=$1 file=$2
if message=$(skopeo inspect --raw "docker://$reference" 2>&1 > "$file"); then exit 0; fi
: > "$file"
# GitHub's registry may answer "denied" for a package that does not exist yet. Without the right to read, the push fails, too.
case $message in
  *'manifest unknown'* | *'name unknown'* | *denied*) ;;
  *)
    echo "$message" >&2
    exit 1
    ;;
esac
