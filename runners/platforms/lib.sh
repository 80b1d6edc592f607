# Which platform a name stands for, and what runs it. Read by runners/on and by platforms/list, which set `runners`.
#
# find_platform NAME sets name, platform, tree (its build tree), sysroot, loader, qemu, kernels, and reads the file of its runner, which
# defines:
#   runner_missing             prints what is missing to run anything there, and nothing when nothing is
#   runner_run PROGRAM ARGS... runs it; does not return before it has ended
#   runner_lacks               what the platform cannot do, separated by commas: seccomp, rlimit-as, wipe-on-fork, threads. assay reads it from
#                              ASSAY_PLATFORM_LACKS, goes another way where there is one, and leaves clauses undecided where there is none
#   runner_time_scale          how much longer things take there
build=${ASSAY_BUILD:-$(dirname "$runners")/build}
boards=${ASSAY_BOARDS:-$(dirname "$runners")/boards}

fail() {
    echo "runners/on: $*" >&2
    exit 2
}

platform_names() { grep -v '^#' "$runners/platforms/platforms.tsv" | cut -f 1; }
known_platforms() { platform_names | paste -sd , - | sed 's/,/, /g'; }
board_names() { [ ! -r "$boards" ] || awk '!/^#/ && NF { print $1 }' "$boards"; }

read_row() { # PLATFORM: the row of the table, as variables
    row=$(awk -F '\t' -v name="$1" '$1 == name' "$runners/platforms/platforms.tsv")
    [ -n "$row" ] || return 1
    loader=$(echo "$row" | cut -f 6)
    qemu=$(echo "$row" | cut -f 7)
    kernels=$(echo "$row" | cut -f 8)
}

# The machine's own kernel, if it takes this platform's programs: asked for by running its dynamic linker. A kernel that hands them to QEMU
# (binfmt_misc) does not: QEMU then tells its own version.
kernel_runs_it() {
    case ",$kernels," in
    *",$(uname -m),"*) ;;
    *) return 1 ;;
    esac
    [ -e "$sysroot/$loader" ] || return 0
    said=$(QEMU_VERSION=1 "$sysroot/$loader" --version 2>/dev/null) || return 1
    case $said in qemu-*) return 1 ;; esac
}

find_board() { # NAME PLATFORM DESTINATION [SSH OPTIONS]
    line=$(awk -v name="$1" '!/^#/ && $1 == name { print; exit }' "$boards" 2>/dev/null)
    [ -n "$line" ] || return 1
    set -f -- $line
    [ $# -ge 3 ] || fail "$boards: board '$1': expected NAME PLATFORM DESTINATION [SSH OPTIONS]"
    platform=$2
    destination=$3
    shift 3
    ssh_options=$*
    set +f
    [ "$platform" = native ] || read_row "$platform" || fail "$boards: board '$name': '$platform' is no platform: native, $(known_platforms)"
}

find_platform() {
    name=$1
    platform=$1
    tree=$build
    sysroot=$build/sysroot/$name
    if find_board "$name"; then
        runner=ssh
        [ "$platform" = native ] || tree=$build/$platform
    elif [ "$name" = native ]; then
        runner=native
    elif read_row "$name"; then
        tree=$build/$name
        if kernel_runs_it; then runner=native; else runner=qemu-user; fi
    else
        fail "'$name' is no platform: native, $(known_platforms), or a board of $boards"
    fi
    . "$runners/platforms/$runner"
}

is_built() {
    [ "$runner" != ssh ] || return 0
    [ -x "$tree/assay" ] || fail "$name: $tree/assay is not built; \`make$(platform_argument)\` builds it"
}

platform_argument() { [ "$platform" = native ] || printf ' PLATFORM=%s' "$platform"; }
