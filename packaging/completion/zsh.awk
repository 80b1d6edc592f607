# The completion for zsh, from the table that packaging/options writes.
BEGIN { FS = "\t" }
$1 == "verb" { verb[++count] = $2; about[$2] = $4 }
$1 == "option" { specs[$2] = specs[$2] " \\\n            " spec($3, $4, $5) }
END {
    print "#compdef assay"
    print "# zsh completion for assay. Generated from the program's help texts; do not edit."
    print "_assay_listed() {"
    print "    local -a listed"
    print "    listed=(${(f)\"$(command $words_of_assay list 2>/dev/null |"
    print "        awk -v part=$1 '/^[A-Z]/ { inside = tolower($1) == part; next } inside { print $1 }')\"})"
    print "    compadd -a listed"
    print "}"
    print "_assay_clauses() { _assay_listed clause }"
    print "_assay_scenarios() { _assay_listed scenario }"
    print "_assay_bindings() {"
    print "    local -a named"
    print "    named=(${ASSAY_BINDINGS:-${commands[assay]:A:h}/../share/assay/bindings}/*.binding(N:t:r))"
    print "    compadd -a named"
    print "    _files"
    print "}"
    print "_assay() {"
    print "    local words_of_assay=${words[1]} verb=${words[2]}"
    print "    local -a verbs"
    print "    if (( CURRENT == 2 )); then"
    print "        verbs=("
    for (i = 1; i <= count; i++) print "            " quoted(verb[i] ":" escaped(about[verb[i]]))
    print "        )"
    print "        _describe verb verbs"
    print "        compadd -- --help --version"
    print "        return"
    print "    fi"
    print "    shift words"
    print "    (( CURRENT-- ))"
    print "    case $verb in"
    for (i = 1; i <= count; i++)
        print "    " verb[i] ") _arguments" specs[verb[i]] " \\\n            " \
            (verb[i] == "explain" ? "'1:clause:_assay_clauses'" : "'*:file:_files'") " ;;"
    print "    esac"
    print "}"
    print "_assay \"$@\""
}
function spec(name, argument, text) {
    return quoted((text ~ /repeatable/ ? "*" : "") name (text == "" ? "" : "[" escaped(text) "]") \
        (argument == "" ? "" : ":" escaped(tolower(argument)) ":" values(name, argument)))
}
function values(name, argument) {
    if (argument ~ /^[a-z]/) { gsub(/\|/, " ", argument); return "(" argument ")" }
    if (argument ~ /^NAME\|FILE/) return "_assay_bindings"
    if (name == "--clause") return "_assay_clauses"
    if (name == "--scenario") return "_assay_scenarios"
    if (argument ~ /^DIR/) return "_files -/"
    if (argument ~ /FILE/) return "_files"
    return ""
}
function escaped(text) {
    gsub(/\\/, "\\\\&", text)
    gsub(/:/, "\\:", text)
    gsub(/\[/, "\\[", text)
    gsub(/\]/, "\\]", text)
    return text
}
function quoted(text) { gsub(/'/, "'\\''", text); return "'" text "'" }
