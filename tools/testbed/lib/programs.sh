# shellcheck shell=bash
# The cluster's programs: $run/programs has the command and the process number (inside the container) of each, $run/log
# what it printed.

# start PROGRAM COMMAND...
start() {
  printf '%s\0' "${@:2}" > "$run/programs/$1.command"
  launch "$1"
}

# launch PROGRAM [FLAG...]: with its own flags, and then these
launch() {
  local command pid_file=$run/programs/$1.pid
  mapfile -d '' -t command < "$run/programs/$1.command"
  command+=("${@:2}")
  rm -f "$pid_file"
  way_inside
  # shellcheck disable=SC2016
  (cd "$run" && exec setsid "${inside[@]}" "${environment[@]}" sh -c 'echo $$ > "$0"; exec "$@"' "$pid_file" "${command[@]}") \
    < /dev/null >> "$run/log/$1.log" 2>&1 &
  for _ in {1..500}; do
    if [ -s "$pid_file" ]; then return; fi
    sleep 0.02
  done
  give_up "$1 did not start" "$1"
}

# Process numbers inside the container belong to the cluster only.
program_runs() { run_inside kill -0 "$(cat "$run/programs/$1.pid" 2> /dev/null)" 2> /dev/null; }

# restart PROGRAM [FLAG...]: until the next restart, it has these flags besides its own
restart() {
  local program=${1:-}
  [ -e "$run/programs/$program.command" ] || fail "There is no program \"$program\". There are: $(program_names)."
  if program_runs "$program"; then
    run_inside kill "$(cat "$run/programs/$program.pid")"
    for _ in {1..100}; do program_runs "$program" || break; sleep 0.1; done
    if program_runs "$program"; then run_inside kill -9 "$(cat "$run/programs/$program.pid")"; fi
  fi
  launch "$program" "${@:2}"
}

program_names() { (cd "$run/programs" && ls -- *.command) | sed 's/\.command$//' | paste -sd' '; }

all_run() {
  local program
  for program in $(program_names); do program_runs "$program" || give_up "$program ended" "$program"; done
}

list_programs() {
  local program
  for program in $(program_names); do
    if program_runs "$program"; then echo "$program runs"; else echo "$program has ended: cluster.sh logs $program"; fi
  done
}

logs() {
  [ -d "$run/log" ] || fail "There is no cluster ($run)."
  if [ -z "${1:-}" ]; then program_names; else cat "$run/log/$1.log"; fi
}

# wait_for PROGRAM WHAT COMMAND...: until the command succeeds, for two minutes: far more than anything takes.
wait_for() {
  local program=$1 what=$2 until=$((SECONDS + 120))
  until "${@:3}" > /dev/null 2>&1; do
    program_runs "$program" || give_up "$program ended" "$program"
    if [ $SECONDS -ge $until ]; then give_up "Waited two minutes for $what" "$program"; fi
    sleep 0.1
  done
}

give_up() {
  echo "$1. The end of $run/log/$2.log:" >&2
  tail -n 20 "$run/log/$2.log" >&2
  exit 1
}

# Runs a command for the user: in the cluster's network and with its DNS, but with the machine's files and processes.
execute() {
  local pid
  pid=$(container_pid) || fail "The cluster is down: run cluster.sh up first."
  # shellcheck disable=SC2016
  nsenter --net="/proc/$pid/ns/net" unshare --mount sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' "$run/exec-resolv.conf" \
    "${environment[@]}" TESTBED_RUN="$run" KUBECONFIG="$run/admin.kubeconfig" KUBECACHEDIR="$run/kubectl" \
    HELM_CACHE_HOME="$run/helm/cache" HELM_CONFIG_HOME="$run/helm/config" HELM_DATA_HOME="$run/helm/data" "$@"
}

kubectl() { execute kubectl "$@"; }
