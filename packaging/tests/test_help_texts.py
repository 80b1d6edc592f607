"""Manual pages and completion say what the program says.

They are made from its help texts, and those are held to its option tables.
"""

import re
import shutil

import pytest

from places import installed, options  # noqa: F401
from places import ROOT, run, succeed

CLI = ROOT / "conformance/cli"


def verbs_of(options):
    return [row[1] for row in options if row[0] == "verb"]


def options_of(options, verb):
    return {row[2] for row in options if row[0] == "option" and row[1] == verb}


def tables_of_the_program():
    """Verb -> long options that its getopt table, or its comparison of words, takes."""
    found = {}
    for path in CLI.glob("cmd_*.c"):
        text = path.read_text()
        names = re.findall(r'\{"([a-z-]+)",\s*(?:required|no|optional)_argument', text)
        names += re.findall(r'strcmp\([^"()]*, "--([a-z-]+)"\)', text)
        if names:
            found[path.stem.removeprefix("cmd_")] = {f"--{name}" for name in names}
    return found


def test_the_help_texts_name_every_option_of_the_option_tables(options):
    tables = tables_of_the_program()
    assert {"run", "probe", "replay", "linkage"} <= set(tables)
    for verb, names in tables.items():
        if verb in verbs_of(options):
            assert names == options_of(options, verb), verb


def test_the_help_text_names_every_verb(options):
    table = re.findall(r'\{"([a-z-]+)", cmd_', (CLI / "main.c").read_text())
    assert table and verbs_of(options) == table


def test_the_manual_page_has_every_verb_and_option(installed, options):
    page = re.sub(r"\\f[BRI]", "", (installed / "share/man/man1/assay.1").read_text().replace("\\-", "-"))
    sections = dict(re.findall(r"^\.SS assay ([a-z-]+)\n(.*?)(?=^\.S[SH])", page, re.S | re.M))
    assert list(sections) == verbs_of(options)
    for kind, verb, *columns in options:
        if kind == "option":
            name, argument, about = columns
            assert f"\n{name} {argument}".rstrip() + "\n" in sections[verb], (verb, name)
            assert about.replace("'", "\\(aq").replace("`", "\\(ga") in sections[verb]
    assert '"assay 9.8.7"' in page and not re.search("@[A-Z]+@", page)
    assert str(installed) in page


@pytest.mark.parametrize("page", ["man1/assay.1", "man5/assay-binding.5", "man5/assay-waivers.5", "man5/assay-trace.5"])
def test_manual_pages_are_well_formed(installed, page):
    path = installed / "share/man" / page
    text = path.read_text()
    assert "@VERSION@" not in text and "@PREFIX@" not in text and ".SH NAME" in text
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed: the page is not formatted")
    done = run("groff", "-man", "-ww", "-z", path)
    # A directory with a long name fills a line by itself: that is the tests' directory, not the page.
    complaints = [line for line in done.stderr.splitlines() if "cannot adjust line" not in line]
    assert (done.returncode, complaints) == (0, [])


def page(installed, name):
    return (installed / "share/man/man5" / name).read_text().replace("\\-", "-")


def test_the_page_on_bindings_has_every_key_and_operation(installed):
    text = page(installed, "assay-binding.5")
    source = (ROOT / "harness/candidate/binding_parse.c").read_text()
    keys = re.findall(r'"(\w+)"', re.search(r"static const char \*const keys\[\] = \{(.*?)NULL\}", source, re.S)[1])
    assert len(keys) > 5
    for key in keys:
        assert re.search(rf"^\.BR? .*\b{key}\b", text, re.M), key
    reader = (ROOT / "harness/candidate/binding_alternatives.c").read_text()
    operations = re.findall(r'\[OP_\w+\] = \{"(\w+)"', reader)
    assert len(operations) == 6
    for name in [*operations, "constants", "functions", "binding"]:
        assert f"[{name}]" in text, name
    for word in re.findall(r'\(const char \*const\[\]\)\{([^}]*)NULL\}', source):
        for choice in re.findall(r'"(\w+)"', word):
            assert choice in text, choice


def test_the_page_on_waivers_has_every_key(installed):
    source = (ROOT / "harness/report/waivers.c").read_text()
    keys = re.findall(r'\{"(\w+)", &waiver->', source)
    assert len(keys) >= 4
    for key in keys:
        assert f".B {key}\n" in page(installed, "assay-waivers.5"), key


def test_the_page_on_traces_has_every_word(installed):
    text = page(installed, "assay-trace.5")
    words = re.findall(r'text_take\(&reader->at, "([a-z]+)"\)', (ROOT / "harness/trace/text_read.c").read_text())
    functions = re.findall(r'\] = \{"([a-z_]+)"', (ROOT / "harness/candidate/c_function.c").read_text())
    assert len(words) > 8 and len(functions) > 10
    for word in words + functions:
        assert re.search(rf"\b{word}\b", text), word


# ---- completion, as each shell gives it ----


def completed_by_bash(installed, *words):
    script = installed / "share/bash-completion/completions/assay"
    line = " ".join(f"'{word}'" for word in words)
    set_up = f"source '{script}'; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}"
    return succeed("bash", "--norc", "-c", f"{set_up}; _assay; printf '%s\\n' \"${{COMPREPLY[@]}}\"").split()


def completed_by_fish(installed, *words):
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    script = installed / "share/fish/vendor_completions.d/assay.fish"
    line = " ".join(words)
    # Only what the file itself says: the words behind a tab are descriptions.
    out = succeed("fish", "--no-config", "-c", f"complete -e -c assay; source '{script}'; complete -C '{line}'")
    return [row.split("\t")[0] for row in out.splitlines()]


@pytest.mark.parametrize("completed", [completed_by_bash, completed_by_fish])
def test_completion_offers_verbs_options_and_values(installed, options, completed):
    program = str(installed / "bin/assay") if completed is completed_by_bash else "assay"
    assert set(verbs_of(options)) <= set(completed(installed, program, ""))
    for verb in verbs_of(options):
        offered = {word for word in completed(installed, program, verb, "--") if word.startswith("--")}
        assert offered == options_of(options, verb), verb
    efforts = next(row[3] for row in options if row[1:3] == ["run", "--effort"])
    assert sorted(completed(installed, program, "run", "--effort", "")) == sorted(efforts.split("|"))


def test_bash_completes_clauses_scenarios_and_bindings(installed):
    program = installed / "bin/assay"
    assert "zeroing/allocate-zeroed" in completed_by_bash(installed, program, "explain", "zeroing/")
    assert "threads/crowd" in completed_by_bash(installed, program, "run", "--scenario", "threads/c")
    assert "threads/crowd" not in completed_by_bash(installed, program, "run", "--clause", "threads/c")
    assert "malloc" in completed_by_bash(installed, program, "run", "--binding", "mal")


def test_zsh_completion_has_every_option(installed, options):
    script = (installed / "share/zsh/site-functions/_assay").read_text()
    assert script.startswith("#compdef assay\n")
    cases = dict(re.findall(r"^    ([a-z-]+)\) _arguments(.*?);;", script, re.S | re.M))
    assert list(cases) == verbs_of(options)
    for verb in cases:
        assert set(re.findall(r"^ +'\*?(--[a-z-]+)", cases[verb], re.M)) == options_of(options, verb)
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed: its syntax is not checked")
    succeed("zsh", "-n", installed / "share/zsh/site-functions/_assay")


def test_a_program_without_help_is_an_error():
    done = run("packaging/options", "false")
    assert done.returncode == 2 and "lists no verb" in done.stderr
