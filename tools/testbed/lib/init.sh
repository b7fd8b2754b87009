#!/bin/bash
# The first process of the cluster's namespaces: init.sh RUN NODE_IP. Sets them up and keeps them.
set -euo pipefail
run=$1
node_ip=$2

hostname node1
mount --make-rshared / # kubelet wants it; nothing goes back to the machine, which is in another group

# Fixed paths that programs write to.
mount -t tmpfs tmpfs /run
mkdir /run/lock
for folder in /var/lib /var/log; do
  mkdir -p "$run/overlay$folder" "$run/overlay/work$folder"
  mount -t overlay overlay -o "lowerdir=$folder,upperdir=$run/overlay$folder,workdir=$run/overlay/work$folder" "$folder"
done

# Kubelet requires these settings of the machine. It reads them from here, and the machine's do not change.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file=$run/sysctl/${setting%=*}
  mkdir -p "${file%/*}"
  echo "${setting#*=}" > "$file"
  mount --bind "$file" "/proc/sys/${setting%=*}"
done

# The network: a bridge without an uplink has the node's address and the default route.
ip link set lo up
ip link add node0 type bridge
ip addr add "$node_ip/24" dev node0
ip link set node0 up
ip route add default dev node0
echo 1 > /proc/sys/net/ipv4/ip_forward

touch "$run/container-ready"
exec sleep infinity
