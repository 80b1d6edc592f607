# The page assay(1): its template, with the verbs and options from the table that packaging/options writes.
#
# Usage: awk -v table=FILE -v version=V -v prefix=DIR -f options.awk assay.1.in
BEGIN {
    FS = "\t"
    while ((getline <table) > 0) {
        if ($1 == "verb") {
            verb[++count] = $2; about[$2] = $4
            synopsis = synopsis (synopsis == "" ? "" : ".br\n") ".B assay " escaped($2) "\n" \
                ($3 == "" ? "" : escaped($3) "\n")
        }
        if ($1 == "option")
            options[$2] = options[$2] ".TP\n\\fB" escaped($3) "\\fR" \
                ($4 == "" ? "" : " \\fI" escaped($4) "\\fR") "\n" line($5)
        if ($1 == "intro")
            intros[$2] = intros[$2] note($3)
        if ($1 == "note")
            notes[$2] = notes[$2] note($3)
    }
    if (count == 0) { print "options.awk: no verb in " table >"/dev/stderr"; failed = 1; exit 2 }
    FS = " "
}
$0 == "@SYNOPSIS@" { printf "%s", synopsis; next }
$0 == "@OPTIONS@" {
    for (i = 1; i <= count; i++) {
        v = verb[i]
        printf ".SS assay %s\n%s%s", escaped(v), (v in intros ? intros[v] : line(about[v] ".")), options[v]
        if (v in notes) printf ".PP\n%s", notes[v]
    }
    next
}
{ gsub(/@VERSION@/, version); gsub(/@PREFIX@/, prefix); print }
END { if (failed) exit 2 }

# A line of text: what troff would take for a request is none.
function line(text) { return text == "" || text == "." ? "\\&\n" : "\\&" escaped(text) "\n" }
# A note that begins like a definition (a word in capitals, then two spaces) stands on a line of its own.
function note(text) { return (text ~ /^[A-Z]+  / || text ~ /^Exit status/ ? ".br\n" : "") line(text) }
function escaped(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    gsub(/'/, "\\(aq", text)
    gsub(/`/, "\\(ga", text)
    return text
}
