#!/usr/bin/env python3
"""Makes diffs.txt and pairs.txt of the edits in edits/; README.md says what the transformations are."""

import difflib
import glob
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))

LINE_COMMENT = {"c": "/* {} */", "python": "# {}"}
LOG = {
    "c": 'fprintf(stderr, "done\\n");',
    "cpp": 'std::clog << "done\\n";',
    "python": 'print("done")',
    "rust": 'eprintln!("done");',
    "go": 'log.Println("done")',
    "javascript": "console.log('done');",
}
IMPORTS = {
    "c": ["#include <assert.h>", "#include <stdint.h>", "#include <stdlib.h>", "#include <string.h>"],
    "cpp": ["#include <algorithm>", "#include <cstdint>", "#include <memory>", "#include <numeric>"],
    "python": ["from __future__ import annotations", "import collections", "import itertools", "import operator"],
    "rust": ["use std::cmp::Ordering;", "use std::collections::HashMap;", "use std::fmt;", "use std::sync::Arc;"],
    "go": ['import "bytes"', 'import "context"', 'import "fmt"', 'import "sync"'],
    "javascript": ["import fs from 'node:fs';", "import os from 'node:os';", "import path from 'node:path';",
                   "import url from 'node:url';"],
}
SIGNS = [(" <= ", " < "), (" < ", " <= "), (" > ", " >= "), (" >= ", " > "), (" == ", " != "), (" + ", " - "),
         (" * ", " / "), (" - ", " + "), (" += ", " -= "), (" && ", " || "), ("++", "--")]


class Edit:
    def __init__(self, language, name, path):
        self.language, self.name, self.path = language, name, path
        self.rename, self.before, self.after, self.variants = {}, [], [], []


def read_edits(file):
    language = os.path.basename(file).split(".")[0]
    edits, block = [], None
    for line in open(file).read().splitlines():
        if line.startswith("@@@ "):
            _, name, path = line.split()
            edits.append(Edit(language.split("_")[0], language + "/" + name, path))
        elif line.startswith("rename "):
            edits[-1].rename = dict(pair.split("=") for pair in line.split()[1:])
        elif line.startswith("--- "):
            words = line.split()
            block = []
            if words[1] in ("before", "after"):
                setattr(edits[-1], words[1], block)
            else:
                edits[-1].variants.append((words[1], words[2], block))
        else:
            block.append(line)
    return edits


def filler(language, count, seed):
    """Lines of some other function, one after the other."""
    words = ["alpha", "beta", "gamma", "delta", "omega", "sigma"]
    comment = LINE_COMMENT.get(language, "// {}")
    return [comment.format("%s %d of %s" % (words[(i * 7 + seed) % 6], i, words[(i + seed) % 6])) if i % 3 == 0 else ""
            for i in range(count)]


def diff(path, before, after):
    """As git prints it."""
    out = ["diff --git a/%s b/%s" % (path, path), "--- a/" + path, "+++ b/" + path]
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(3):
        first, last = group[0], group[-1]
        function = next((line for line in reversed(before[:first[1]]) if re.match(r"[A-Za-z_$]", line)), "")
        out.append("@@ -%d,%d +%d,%d @@ %s" % (first[1] + 1, last[2] - first[1], first[3] + 1, last[4] - first[3],
                                               function))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                out += [" " + line for line in before[i1:i2]]
            else:
                out += ["-" + line for line in before[i1:i2]] + ["+" + line for line in after[j1:j2]]
    return [line.rstrip() if line.startswith("@@") else line for line in out]


def added_places(before, after):
    return [j for tag, _, _, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
            if tag != "equal" for j in range(j1, j2)]


def indentation(line):
    return line[:len(line) - len(line.lstrip())]


def commented(edit):
    after, comment = [], LINE_COMMENT.get(edit.language, "// {}")
    places = added_places(edit.before, edit.after)
    for j, line in enumerate(edit.after):
        if places and j == places[0]:
            after.append(indentation(line) + comment.format("This saves work in the common case."))
        after.append(line + "  " + comment.format("see above") if j in places[1:3] and line.strip() else line)
    return after


def spaced(edit):
    after = list(edit.after)
    for j in added_places(edit.before, edit.after):
        body = after[j].lstrip()
        body = re.sub(r"\((?=[^\s)])", "( ", re.sub(r"(?<=[^\s(])\)", " )", body)) if "\"" not in body and "'" not in body else body + "  "
        lead = indentation(after[j])
        if edit.language != "python":
            lead = lead.replace("\t", "  ") if "\t" in lead else lead.replace("    ", "\t")
        after[j] = lead + body
    return after


def wrapped(edit):
    after, places = [], set(added_places(edit.before, edit.after))
    for j, line in enumerate(edit.after):
        depth, cut, quoted = 0, 0, False
        for i, c in enumerate(line):
            quoted ^= c in "\"'" and edit.language != "rust"
            if quoted:
                continue
            depth += (c in "([") - (c in ")]")
            if c in ",(" and depth > 0 and line[i + 1:i + 2] not in (")", ""):
                cut = i + 1
        if j in places and cut and depth <= 0 and not line.lstrip().startswith(("#", "//", "/*")):
            after += [line[:cut], indentation(line) + "        " + line[cut:].lstrip()]
        else:
            after.append(line)
    return after


def renamed(edit, lines):
    for old, new in edit.rename.items():
        lines = [re.sub(r"(?<![\w.])%s\b" % old, new, line) for line in lines]
    return lines


def with_log(edit):
    places = added_places(edit.before, edit.after)
    if not places:
        return edit.after
    at = places[-1]
    while at > 0 and edit.language not in ("python", "go") and not edit.after[at - 1].endswith((";", "{", "}")):
        at -= 1
    return edit.after[:at] + [indentation(edit.after[at]) + LOG[edit.language]] + edit.after[at:]


def with_another_number(edit):
    after = list(edit.after)
    for j in reversed(added_places(edit.before, edit.after)):
        numbers = [m for m in re.finditer(r"(?<![\w.])\d+", after[j]) if int(m.group()) > 1]
        if numbers:
            m = numbers[-1]
            after[j] = after[j][:m.start()] + str(int(m.group()) * 2) + after[j][m.end():]
            return after
    return None


def with_another_sign(edit):
    after = list(edit.after)
    for j in added_places(edit.before, edit.after):
        for sign, other in SIGNS:
            if sign in after[j]:
                after[j] = after[j].replace(sign, other, 1)
                return after
    return None


def first_half(edit):
    opcodes = [o for o in difflib.SequenceMatcher(None, edit.before, edit.after, autojunk=False).get_opcodes()
               if o[0] != "equal"]
    if len(opcodes) < 2:
        return None
    _, i1, i2, j1, j2 = opcodes[0]
    return edit.before[:i1] + edit.after[j1:j2] + edit.before[i2:]


def in_another_function(edit):
    """Before and after with other lines around the change."""
    def around(lines, changed):
        return [line if j in changed else indentation(line) + re.sub(r"[A-Za-z_]\w*", lambda m: m.group()[::-1] + "x", line.lstrip())
                for j, line in enumerate(lines)]
    removed = added_places(edit.after, edit.before)
    return around(edit.before, removed), around(edit.after, added_places(edit.before, edit.after))


class Pairs:
    def __init__(self):
        self.diffs, self.pairs = {}, []

    def diff(self, name, lines):
        self.diffs[name] = lines
        return name

    def pair(self, label, one, other, how):
        if self.diffs[one] != self.diffs[other]:
            self.pairs.append("%s %s %s %s" % (label, how, one, other))


def pairs_of(edit, following, pairs):
    language = edit.language
    top, bottom = filler(language, 12, 1), filler(language, 12, 2)

    def made(how, before, after, path=edit.path, above=top, below=bottom):
        return pairs.diff(edit.name + "." + how, diff(path, above + before + below, above + after + below))

    base = made("edit", edit.before, edit.after)
    same = [("comments", commented(edit)), ("spaces", spaced(edit)), ("wrapped", wrapped(edit))]
    for how, after in same:
        pairs.pair("reformatted", base, made(how, edit.before, after), how)
    pairs.pair("reformatted", base, made("offset", edit.before, edit.after, above=filler(language, 60, 4) + top), "offset")
    pairs.pair("near", base, made("moved", edit.before, edit.after, os.path.dirname(edit.path) + "/moved_" +
                                  os.path.basename(edit.path)), "moved")
    if edit.rename:
        names = renamed(edit, edit.after)
        pairs.pair("near", base, made("renamed", edit.before, names), "renamed")
        edit.after, kept = names, edit.after
        pairs.pair("near", base, made("renamed-comments", edit.before, commented(edit)), "renamed-comments")
        edit.after = kept
    if len(added_places(edit.before, edit.after)) > 4:
        pairs.pair("near", base, made("log", edit.before, with_log(edit)), "log")
        pairs.pair("near", base, made("elsewhere", *in_another_function(edit), "lib/" + os.path.basename(edit.path),
                                      filler(language, 12, 5), filler(language, 12, 3)), "elsewhere")
    for how, change in (("number", with_another_number), ("sign", with_another_sign), ("half", first_half)):
        after = change(edit)
        if after:
            pairs.pair("different", base, made(how, edit.before, after), how)
    pairs.pair("different", base, made("revert", edit.after, edit.before), "revert")
    if len(added_places(edit.before, edit.after)) < 3:
        pairs.pair("different", base, made("place", *in_another_function(edit), above=filler(language, 12, 5),
                                           below=filler(language, 12, 3)), "place")
    others = []
    for kind, how, after in edit.variants:
        label = {"same": "reformatted", "near": "near", "other": "different"}[kind]
        name = made(how, edit.before, after)
        pairs.pair(label, base, name, "by-hand-" + (how if label != "different" else "other"))
        if label == "different":
            others.append(name)
    for one, other in zip(others, others[1:]):
        pairs.pair("different", one, other, "by-hand-others")
    cross(edit, following, base, pairs)


def cross(edit, following, base, pairs):
    """With the next edit of the language: beside it, together with it, and both behind the same new imports."""
    if following.name == edit.name:
        return
    top = filler(edit.language, 12, 1)
    other = diff(following.path, top + following.before, top + following.after)
    pairs.pair("different", base, pairs.diff(edit.name + ".next", other), "next")
    pairs.pair("different", base, pairs.diff(edit.name + ".both", pairs.diffs[base] + other), "both")
    behind = []
    for each in (edit, following):
        imports = IMPORTS[edit.language]
        behind.append(pairs.diff(edit.name + ".imports%d" % len(behind),
                                 diff(edit.path, top + each.before, imports + top + each.after)))
    pairs.pair("different", behind[0], behind[1], "imports")


def compact(lines):
    """One line for the three that name a file."""
    return ["= " + line[6:] if line.startswith("+++ b/") else line for line in lines
            if not line.startswith(("diff --git ", "--- a/"))]


def main():
    pairs = Pairs()
    for file in sorted(glob.glob(os.path.join(HERE, "edits", "*.txt"))):
        edits = read_edits(file)
        for number, edit in enumerate(edits):
            pairs_of(edit, edits[(number + 1) % len(edits)], pairs)
    used = {name for pair in pairs.pairs for name in pair.split()[2:]}
    with open(os.path.join(HERE, "diffs.txt"), "w") as out:
        for name, lines in pairs.diffs.items():
            if name in used:
                out.write("# %s\n%s\n" % (name, "\n".join(compact(lines))))
    with open(os.path.join(HERE, "pairs.txt"), "w") as out:
        out.write("\n".join(pairs.pairs) + "\n")


main()
