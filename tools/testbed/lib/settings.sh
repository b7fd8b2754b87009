# shellcheck shell=bash disable=SC2034
# Paths and addresses. Testbeds with different names can run at the same time.

# Programs, images and manifests that build.sh makes.
home=${TESTBED_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/ecr-anywhere/testbed}
bin=$home/bin

name=${TESTBED_NAME:-ecr-anywhere}
if [[ ! $name =~ ^[a-z0-9-]+$ ]]; then
  echo "TESTBED_NAME is \"$name\": it may have small letters, digits and dashes." >&2
  exit 1
fi
# All state of a running cluster.
run=${TESTBED_RUN:-/tmp/testbed-$name}
cgroup=testbed-$name

node_ip=10.200.0.1
service_cidr=10.96.0.0/16
kubernetes_ip=10.96.0.1
dns_ip=10.96.0.10
pod_cidr=10.244.0.0/16
domain=cluster.local

# The cluster's programs cannot reach a proxy.
environment=(env -u http_proxy -u https_proxy -u all_proxy -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY "PATH=$bin:$PATH")

fail() {
  echo "$*" >&2
  exit 1
}

needs() {
  local command
  for command; do
    command -v "$command" > /dev/null || fail "$command is missing: run tools/testbed/install-packages.sh first."
  done
}
