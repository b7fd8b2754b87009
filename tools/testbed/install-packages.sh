#!/bin/bash
# Installs the Debian packages that the testbed needs besides Go, if they are missing. With arguments, installs those instead.
set -euo pipefail

# Each package with a file of it: another package may provide the same file and conflict, as Docker's does with runc.
packages=(
  runc=runc iptables=iptables conntrack=conntrack iproute2=ip                                 # the node
  containernetworking-plugins=/usr/lib/cni/bridge                                             # its network
  buildah=buildah busybox-static=busybox binutils=readelf                                     # images
  openssl=openssl util-linux=unshare procps=pkill ca-certificates=/etc/ssl/certs/ca-certificates.crt # the scripts themselves
  shellcheck=shellcheck                                                                       # their check
)
[ $# = 0 ] || packages=("$@")

missing=()
for package in "${packages[@]}"; do
  file=${package#*=}
  [ -e "$file" ] || command -v "$file" > /dev/null || missing+=("${package%%=*}")
done
if [ ${#missing[@]} = 0 ]; then exit 0; fi

if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
  echo "Missing: ${missing[*]}. Install them, on Debian and Ubuntu with: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" > /dev/null; }
echo "Installing ${missing[*]} …" >&2
install || { apt-get update -qq && install; }
