# Finds the platform that a name stands for and the runner for it. runners/on and the scripts in platforms/ read this
# file after they have set `runners`.
#
# find_platform NAME sets name, platform, tree (its build tree), sysroot, loader, qemu and kernels. It also reads the
# file of the runner, which defines:
#   runner_missing             prints what is missing for running programs there; prints nothing if all is there
#   runner_run PROGRAM ARGS... runs the program, and returns only after it has ended
#   runner_lacks               what the platform cannot do: seccomp, rlimit-as, wipe-on-fork, threads, separated by
#                              commas. assay reads it from ASSAY_PLATFORM_LACKS. Where it has another way, it uses
#                              that; otherwise it leaves clauses undecided
#   runner_time_scale          the factor by which programs are slower there
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

# Does this machine's kernel run the platform's programs? The platform's dynamic linker is run to find out. A kernel
# that passes it to QEMU (binfmt_misc) does not: QEMU then prints its own version.
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
    [ "$platform" = native ] || read_row "$platform" ||
        fail "$boards: board '$name': '$platform' is no platform, expected one of: native, $(known_platforms)"
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
        fail "'$name' is no platform, expected one of: native, $(known_platforms), or a board of $boards"
    fi
    . "$runners/platforms/$runner"
}

is_built() {
    [ "$runner" != ssh ] || return 0
    [ -x "$tree/assay" ] || fail "$name: $tree/assay is not built; \`make$(platform_argument)\` builds it"
}

platform_argument() { [ "$platform" = native ] || printf ' PLATFORM=%s' "$platform"; }
