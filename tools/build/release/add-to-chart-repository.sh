#!/bin/bash
# Adds the chart of a release to a checkout of the branch that GitHub Pages serves, and commits it:
#   add-to-chart-repository.sh ARCHIVE CHECKOUT URL
# Does nothing if the chart is there already, so that the job can run again. Fails if another one is there.
set -euo pipefail
archive=$1 pages=$2 url=$3
file=$(basename "$archive")
if [ -e "$pages/$file" ]; then
  if cmp "$archive" "$pages/$file"; then exit 0; fi
  echo "$file is already in the repository, with another content. Release another version." >&2
  exit 1
fi
new=$(mktemp -d)
trap 'rm -r "$new"' EXIT
cp "$archive" "$new"
helm repo index "$new" --merge "$pages/index.yaml" --url "$url"
cp "$new"/* "$pages"
git -C "$pages" add "$file" index.yaml
git -C "$pages" -c user.name='github-actions[bot]' -c user.email='41898282+github-actions[bot]@users.noreply.github.com' \
  commit --quiet -m "${file%.tgz}"
