# The completion for fish, from the table that packaging/options writes.
BEGIN {
    FS = "\t"
    print "# fish completion for assay. Generated from the program's help texts; do not edit."
    print "function __assay_listed"
    print "    set -l program (commandline -opc)[1]"
    print "    $program list 2>/dev/null |"
    print "        awk -v part=$argv[1] '/^[A-Z]/ { inside = tolower($1) == part; next } inside { print $1 }'"
    print "end"
    print "function __assay_bindings"
    print "    set -l directory $ASSAY_BINDINGS"
    print "    test -n \"$directory\"; or set directory (dirname (realpath (command -v assay)))/../share/assay/bindings"
    print "    for file in $directory/*.binding"
    print "        basename $file .binding"
    print "    end"
    print "end"
    print "complete -c assay -n __fish_use_subcommand -f -l help -d 'says how the program is used'"
    print "complete -c assay -n __fish_use_subcommand -f -l version -d 'says the version'"
    print "complete -c assay -n '__fish_seen_subcommand_from explain' -f -a '(__assay_listed clause)'"
}
$1 == "verb" { print "complete -c assay -n __fish_use_subcommand -f -a " $2 " -d " quoted($4) }
$1 == "option" {
    print "complete -c assay -n '__fish_seen_subcommand_from " $2 "' -l " substr($3, 3) values($3, $4) \
        ($5 == "" ? "" : " -d " quoted($5))
}
function values(name, argument) {
    if (argument == "") return ""
    if (argument ~ /^[a-z]/) { gsub(/\|/, " ", argument); return " -x -a '" argument "'" }
    if (argument ~ /^NAME\|FILE/) return " -r -a '(__assay_bindings)'"
    if (name == "--clause") return " -x -a '(__assay_listed clause)'"
    if (name == "--scenario") return " -x -a '(__assay_listed scenario)'"
    if (argument ~ /^DIR/) return " -x -a '(__fish_complete_directories)'"
    if (argument ~ /FILE/) return " -r"
    return " -x"
}
function quoted(text) { gsub(/\\/, "\\\\", text); gsub(/'/, "\\'", text); return "'" text "'" }
