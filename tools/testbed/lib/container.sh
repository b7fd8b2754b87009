# shellcheck shell=bash
# The cluster runs in a container: its own process, mount, network, IPC and host name namespaces, held by one
# process. When that process ends, the kernel ends all processes in them and removes all mounts, interfaces and iptables
# rules, and nothing outside. Only files below $run and cgroups below $cgroup remain.

start_container() {
  case $bin in /run/* | /var/run/*) fail "TESTBED_HOME cannot be below /run: the cluster has one of its own." ;; esac
  case $run in /run/* | /var/run/* | /var/lib/* | /var/log/*) fail "TESTBED_RUN cannot be below ${run%/*}: the cluster has its own." ;; esac
  mkdir -m 700 "$run"
  mkdir "$run/programs" "$run/log"
  make_cgroups
  (
    remember_process "$BASHPID"
    exec setsid unshare --fork --kill-child --pid --mount --mount-proc --net --ipc --uts --propagation slave \
      bash "$here/lib/init.sh" "$run" "$node_ip"
  ) < /dev/null > "$run/log/container.log" 2>&1 &
  for _ in {1..600}; do
    if [ -e "$run/container-ready" ]; then return; fi
    [ ! -e "$run/container" ] || container_runs || break
    sleep 0.05
  done
  fail "The container did not start: $(cat "$run/log/container.log")"
}

# A process is identified by its number and its start time in ticks since boot, because numbers are reused.
remember_process() { echo "$1 $(start_time "$1")" > "$run/container"; }

# Empty if the process has ended.
start_time() { sed -n 's/.*) //; /^Z/!p' "/proc/$1/stat" 2> /dev/null | cut -d' ' -f20; }

container_pid() {
  local pid started
  read -r pid started 2> /dev/null < "$run/container" && [ "$(start_time "$pid")" = "$started" ] && echo "$pid"
}
container_runs() { container_pid > /dev/null; }

# Sets $inside to the command that enters the cluster's namespaces.
way_inside() {
  local pid
  pid=$(container_pid) || fail "The cluster is down: run cluster.sh up first."
  # The process namespace is that of unshare's child. unshare itself is outside.
  inside=(nsenter "--mount=/proc/$pid/ns/mnt" "--net=/proc/$pid/ns/net" "--ipc=/proc/$pid/ns/ipc" "--uts=/proc/$pid/ns/uts"
    "--pid=/proc/$pid/ns/pid_for_children")
}
run_inside() { way_inside && "${inside[@]}" "$@"; }

stop_container() {
  local pid
  if pid=$(container_pid); then
    # With the first process inside, all others end, and then unshare.
    pkill -KILL -P "$pid" || kill -9 "$pid"
    while container_runs; do sleep 0.05; done
  fi
  remove_cgroups
}

# The folders: one in each hierarchy of cgroup v1, or one with v2.
cgroup_folders() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo "/sys/fs/cgroup/$cgroup"; return; fi
  local hierarchy
  for hierarchy in /sys/fs/cgroup/*/; do [ -L "${hierarchy%/}" ] || echo "$hierarchy$cgroup"; done
}

make_cgroups() {
  local folder controller
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    for controller in cpuset cpu memory pids; do # kubelet needs them
      echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
    done
  fi
  for folder in $(cgroup_folders); do
    [ ! -e "$folder" ] || fail "$folder belongs to another testbed: set another TESTBED_NAME."
  done
  touch "$run/cgroups"
  for folder in $(cgroup_folders); do mkdir "$folder"; done
}

remove_cgroups() {
  local folder
  [ -e "$run/cgroups" ] || return 0
  # The kernel frees a cgroup a moment after its last process ends.
  for folder in $(cgroup_folders); do
    for _ in {1..100}; do
      [ -e "$folder" ] || continue 2
      find "$folder" -depth -type d -delete 2> /dev/null || sleep 0.1
    done
    fail "$folder is still in use by processes $(find "$folder" -name cgroup.procs -exec cat {} + | paste -sd' ')."
  done
}
