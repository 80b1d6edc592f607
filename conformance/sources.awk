# Makes C of sources.tsv: a row of struct source for each of its rows. A malformed row is an error that names file and
# line.
BEGIN {
    FS = "\t"
    print "#include \"conformance/sources.h\"\n"
    print "extern const struct source source_rows[];\nconst struct source source_rows[] = {"
}

function refuse(why) {
    print FILENAME ":" FNR ": " why | "cat >&2"
    failed = 1
    exit 1
}

function quoted(text) {
    gsub(/[\\"]/, "\\\\&", text)
    return "\"" text "\""
}

/^#/ { next }
!seen_header {
    if ($0 != "key\tdocument\tplace\trule")
        refuse("expected the header: key, document, place, rule")
    seen_header = 1
    next
}
NF != 4 { refuse("expected 4 columns separated by tabs, found " NF) }
/\r/ || /(^|\t)(\t| |$)/ || / (\t|$)/ { refuse("a column is empty, or begins or ends with a blank") }
$1 !~ /^[A-Za-z0-9.-]+$/ || length($1) > 31 { refuse("'" $1 "' is no key: up to 31 letters, digits, '.' and '-'") }
$1 in line_of { refuse("the key '" $1 "' is taken by line " line_of[$1]) }
{
    line_of[$1] = FNR
    print "    {" quoted($1) ", " quoted($2) ", " quoted($3) ", " quoted($4) "},"
}

END {
    if (!failed)
        print "    {0},\n};"
}
