#!/usr/bin/env bash
# A Slurm of one node for a test, from Debian's packages (slurm-wlm, munge; installed where missing), as root:
#   slurm-node.sh start FOLDER     waits until the node takes jobs; then: export SLURM_CONF=FOLDER/slurm.conf
#   slurm-node.sh stop FOLDER
# Everything lies in FOLDER, with ports and a munge socket of its own, so a Slurm that is there already is left alone.
set -euo pipefail
command="$1"
folder=$(realpath -m "$2")

# One daemon by the number in its file, and only if it is what the file says.
finish() {
  local number
  number=$(cat "$folder/$1.pid" 2>/dev/null) || return 0
  if grep -q "$1" "/proc/$number/comm" 2>/dev/null; then kill "$number"; fi
}

missing() {
  local program
  for program in munged slurmctld slurmd sbatch; do
    PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null || return 0
  done
  return 1
}

start() {
  if missing && command -v apt-get >/dev/null; then
    apt-get update --quiet
    DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends slurm-wlm munge
  fi
  if missing; then
    echo "Slurm is missing: install Debian's slurm-wlm and munge" >&2
    exit 3
  fi
  mkdir -p "$folder"/state "$folder"/spool
  chmod 755 "$folder"
  dd if=/dev/urandom of="$folder/munge.key" bs=1024 count=1 status=none
  chmod 400 "$folder/munge.key"
  # munged trusts only folders of root, so its socket may need force where FOLDER lies below /tmp.
  /usr/sbin/munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
    --log-file="$folder/munged.log" --seed-file="$folder/munge.seed" 2>"$folder/munged.start"
  local host
  host=$(hostname -s)
  # CPUs and memory are as the test wants them, not as the machine has them, so that four tasks run side by side.
  cat > "$folder/slurm.conf" <<CONF
ClusterName=playbook
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${SLURM_TEST_PORT:-26817}
SlurmdPort=$((${SLURM_TEST_PORT:-26817} + 1))
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=8 RealMemory=8192 State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
  export SLURM_CONF="$folder/slurm.conf"
  /usr/sbin/slurmctld
  /usr/sbin/slurmd
  for _ in $(seq 60); do
    if [ "$(sinfo --noheader --format=%t 2>/dev/null)" = idle ]; then return; fi
    sleep 0.5
  done
  echo "the node does not take jobs; see $folder/slurmctld.log and slurmd.log" >&2
  tail -n 20 "$folder/slurmctld.log" "$folder/slurmd.log" >&2
  stop
  exit 3
}

stop() {
  finish slurmd
  finish slurmctld
  finish munged
}

case "$command" in
  start) start ;;
  stop) stop ;;
  *) echo "expected start or stop" >&2; exit 2 ;;
esac
