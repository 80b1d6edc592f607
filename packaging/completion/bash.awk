# The completion for bash, from the table that packaging/options writes.
BEGIN { FS = "\t" }
$1 == "verb" { verbs = verbs (verbs == "" ? "" : " ") $2 }
$1 == "option" {
    options[$2] = options[$2] (options[$2] == "" ? "" : " ") $3
    if ($4 != "" && !(($2, $3) in seen)) { seen[$2, $3]; takes[++count] = $2 ":" $3; what[count] = $4 }
}
END {
    n = split(verbs, verb, " ")
    print "# bash completion for assay. Generated from the program's help texts; do not edit."
    print "_assay_listed() { # clauses or scenarios: what `assay list` prints in the first column"
    print "    \"${COMP_WORDS[0]}\" list 2>/dev/null |"
    print "        awk -v part=\"$1\" '/^[A-Z]/ { inside = tolower($1) == part; next } inside { print $1 }'"
    print "}"
    print "_assay_bindings() {"
    print "    local program"
    print "    program=$(readlink -f \"$(command -v \"${COMP_WORDS[0]}\")\" 2>/dev/null)"
    print "    ls \"${ASSAY_BINDINGS:-${program%/*}/../share/assay/bindings}\" 2>/dev/null | sed -n 's/\\.binding$//p'"
    print "}"
    print "_assay_files() { compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen \"$1\" -- \"$current\")); }"
    print "_assay() {"
    print "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}"
    print "    local IFS=$' \\t\\n'"
    print "    COMPREPLY=()"
    print "    if [ \"$COMP_CWORD\" = 1 ]; then"
    print "        COMPREPLY=($(compgen -W \"" verbs " --help --version\" -- \"$current\"))"
    print "        return"
    print "    fi"
    print "    case $verb:$previous in"
    for (i = 1; i <= count; i++) print "    " takes[i] ") " action(what[i], takes[i]) "; return ;;"
    print "    esac"
    print "    case $verb:$current in"
    for (i = 1; i <= n; i++)
        print "    " verb[i] ":-*) COMPREPLY=($(compgen -W \"" options[verb[i]] "\" -- \"$current\")) ;;"
    print "    explain:*) COMPREPLY=($(compgen -W \"$(_assay_listed clause)\" -- \"$current\")) ;;"
    print "    *) IFS=$'\\n'; _assay_files -f ;;"
    print "    esac"
    print "}"
    print "complete -F _assay assay"
}
function action(argument, of) {
    if (argument ~ /^[a-z]/) return words(gensub_bars(argument))
    if (argument ~ /^NAME\|FILE/) return words("$(_assay_bindings)") "; IFS=$'\\n'; _assay_files -f"
    if (of ~ /--clause$/) return words("$(_assay_listed clause)")
    if (of ~ /--scenario$/) return words("$(_assay_listed scenario)")
    if (argument ~ /^DIR/) return "IFS=$'\\n'; _assay_files -d"
    if (argument ~ /FILE/) return "IFS=$'\\n'; _assay_files -f"
    return ":"
}
function words(list) { return "COMPREPLY=($(compgen -W \"" list "\" -- \"$current\"))" }
function gensub_bars(text) { gsub(/\|/, " ", text); return text }
