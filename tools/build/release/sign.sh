#!/bin/bash
# Signs what a reference names, and its SBOM, and stores both beside it in the registry:
#   sign.sh REPOSITORY@DIGEST SBOM [COSIGN FLAG...]
# Without flags, cosign signs without a key: GitHub's token of this job names the workflow and the tag in the certificate.
set -euo pipefail
reference=$1 sbom=$2
cosign sign --yes "${@:3}" "$reference"
cosign attest --yes "${@:3}" --type spdxjson --predicate "$sbom" "$reference"
