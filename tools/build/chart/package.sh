#!/bin/bash
# Packages the chart as a release: with this version in place of the one that Chart.yaml has, wherever that stands in it.
#   package.sh VERSION FOLDER
set -euo pipefail
chart=$(cd "$(dirname "$0")/../../../charts/ecr-anywhere" && pwd)
version=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -r "$chart" "$work"
current=$(sed -n 's/^version: //p' "$chart/Chart.yaml")
sed -i "s/${current//./\\.}/$version/g" "$work/ecr-anywhere/Chart.yaml"
helm package "$work/ecr-anywhere" --destination "$2"
