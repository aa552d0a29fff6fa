# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What scripts/demo, scripts/test and scripts/lint share. Source it; it moves to
# the repository's root, so that every path below is relative to that.
#
# Each script runs in named steps. A step's output goes to build/log/NAME.log;
# when it fails, the step, its command, the end of its output and the log's path
# are printed, and the script ends with status 1.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What a step may create, to be handed back to the user who called sudo.
created=(build)

say() {
    printf '==> %s\n' "$*"
}

fail() {
    printf '%s: %s\n' "$0" "$1" >&2
    shift
    if (($# > 0)); then
        printf '    %s\n' "$@" >&2
    fi
    exit 1
}

# step NAME COMMAND...: runs quietly.
step() {
    run_step quiet "$@"
}

# loud_step NAME COMMAND...: shows the output while it runs.
loud_step() {
    run_step loud "$@"
}

run_step() {
    local how=$1 name=$2 log status=0
    shift 2
    mkdir -p build/log
    log=build/log/${name// /-}.log
    say "$name"
    if [[ $how == loud ]]; then
        "$@" 2>&1 </dev/null | tee "$log" || status=$?
    else
        "$@" >"$log" 2>&1 </dev/null || status=$?
        if ((status != 0)); then
            tail -n 30 "$log" >&2
        fi
    fi
    if ((status != 0)); then
        fail "step '$name' failed with status $status" \
            "command: $*" "log:     $PWD/$log"
    fi
}

# sudo leaves files that only root can change or remove; give them back.
give_back() {
    local path
    if ((EUID == 0)) && [[ -n ${SUDO_UID:-} && -n ${SUDO_GID:-} ]]; then
        for path in "${created[@]}"; do
            if [[ -e $path ]]; then
                chown -R --no-dereference "$SUDO_UID:$SUDO_GID" "$path"
            fi
        done
    fi
}
trap give_back EXIT

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

installed() {
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Prints "NAME WORD" for each package of a list that is not installed yet.
missing_packages() {
    local name word rest
    while read -r name word rest; do
        case $name in '' | '#'*) continue ;; esac
        case $word in
        unless:*) if command -v "${word#unless:}" >/dev/null; then continue; fi ;;
        service) ;;
        '' | '#'*) word=plain ;;
        *) fail "$1: unknown word '$word' after '$name'" ;;
        esac
        if ! installed "$name"; then
            printf '%s %s\n' "$name" "$word"
        fi
    done <"$1"
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$@"
}

# Installs a server without leaving it running, now or after the next start of
# the machine. Only ever called for one that was not there before.
apt_install_stopped() {
    local name=$1 status=0
    if [[ -d /run/systemd/system ]]; then
        as_root systemctl mask --runtime "$name.service"
        apt_install "$name" || status=$?
        as_root systemctl unmask --runtime "$name.service"
        as_root systemctl disable "$name.service" || true
    else
        apt_install "$name" || status=$?
        if [[ -x /etc/init.d/$name ]]; then
            as_root "/etc/init.d/$name" stop || true
        fi
    fi
    return "$status"
}

# ensure_packages STEP LIST: touches neither apt nor the network where nothing
# is missing.
ensure_packages() {
    local step_name=$1 list=$2 missing name word plain=() services=()
    if ! command -v dpkg-query >/dev/null; then
        fail "this needs Debian 12 or a relative of it: dpkg-query is missing" \
            "elsewhere, install what $list names and run cmake yourself"
    fi
    missing=$(missing_packages "$list")
    while read -r name word; do
        case $word in
        '') ;;
        service) services+=("$name") ;;
        *) plain+=("$name") ;;
        esac
    done <<<"$missing"
    if ((${#plain[@]} + ${#services[@]} == 0)); then
        say "$step_name: all there"
        return
    fi
    if ((EUID != 0)) && ! command -v sudo >/dev/null; then
        fail "packages are missing, and only root can install them" \
            "run as root: apt-get install --no-install-recommends ${plain[*]} ${services[*]}"
    fi
    step "apt update for $step_name" as_root apt-get update
    if ((${#plain[@]} > 0)); then
        step "apt install of $step_name" apt_install "${plain[@]}"
    fi
    for name in "${services[@]}"; do
        step "apt install of $name" apt_install_stopped "$name"
    done
}

# Installs the test tools of tests/package-lock.json where they are not there yet.
ensure_npm_tools() {
    local lock=tests/package-lock.json mark=tests/node_modules/.installed-lock
    if [[ ! -e $lock ]] || cmp -s "$lock" "$mark"; then
        return
    fi
    created+=(tests/node_modules)
    step "npm test tools" npm ci --prefix tests --no-audit --no-fund
    cp "$lock" "$mark"
}

# build PRESET: leaves the program in build/PRESET/clipnotes.
build() {
    step "configure $1" cmake --preset "$1"
    step "build $1" cmake --build --preset "$1"
}
