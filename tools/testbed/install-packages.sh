#!/bin/bash
# Installs the Debian packages that the testbed needs besides Go. Does nothing where they are there already.
set -euo pipefail

packages=(
  runc containernetworking-plugins iptables conntrack iproute2 # the node
  buildah busybox-static                                       # images
  openssl util-linux procps ca-certificates                    # the scripts themselves
)

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null)" = installed ]; }

missing=()
for package in "${packages[@]}"; do installed "$package" || missing+=("$package"); done
if [ ${#missing[@]} = 0 ]; then exit 0; fi

if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
  echo "Missing: ${missing[*]}. Install them, on Debian and Ubuntu with: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" > /dev/null; }
echo "Installing ${missing[*]} …" >&2
install || { apt-get update -qq && install; }
