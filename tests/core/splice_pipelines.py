"""A generator of CI files in every style that people write them in."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

OURS = "/.gitlab/ci/registry.gitlab-ci.yml"

SCALAR_FILES = ["ci/a.yml", "'ci/b.yml'", '"ci/c.yml"', "https://example.com/ci/d.yml", f"'{OURS}'"]
FLOW_ENTRIES = [*SCALAR_FILES, "{local: ci/e.yml}", "{project: g/p, ref: main, file: [f.yml, 'g.yml']}", "*entry"]
BLOCK_ENTRIES = [
    *[[entry] for entry in FLOW_ENTRIES],
    ["local: ci/h.yml", "rules:", "  - if: $CI_COMMIT_BRANCH"],
    ["project: group/ci", "ref: main", "file:", "- a.yml", "# why", "- b.yml"],
    ["template: Jobs/SAST.gitlab-ci.yml # scan"],
    [">-", "  ci/i.yml"],
]
STAGES = ["build", "'build'", '"Build Release"', "package", "test", "lint", "unit:all", "deploy", "'release'"]
STAGES += ["production", "cleanup", "größer 🚀", ".pre", "*stage", "[x, y]"]
COMMENT = st.sampled_from([[], [], [], [""], ["# größer 🚀"], ["      # far: [right"], ["", "# a", ""], ["   "]])
TAIL = st.sampled_from(["", "", "", " # why", "  # it's: [odd"])


@dataclass(frozen=True)
class Source:
    """Bytes of a generated CI file."""

    content: bytes


def indented(lines: list[str], by: int) -> list[str]:
    """Shift lines to the right, comments and blank lines too."""
    return [" " * by + line for line in lines]


@st.composite
def block_list(draw: st.DrawFn, key: str, entries: list[list[str]]) -> list[str]:
    """Draw a list in block form."""
    by, gap = draw(st.sampled_from([0, 2, 4, 7])), draw(st.sampled_from([1, 1, 3]))
    lines = [f"{key}:{draw(TAIL)}"]
    for first, *rest in entries:
        lines += draw(COMMENT)
        tail = "" if rest or first.startswith(">") else draw(TAIL)
        lines += [" " * by + "-" + " " * gap + first + tail, *indented(rest, by + 1 + gap)]
    return lines


@st.composite
def flow_list(draw: st.DrawFn, key: str, entries: list[str]) -> list[str]:
    """Draw a list in flow form, on one line or on several."""
    comma = "," if entries and draw(st.booleans()) else ""  # type: ignore[arg-type]  # drawn
    anchor = draw(st.sampled_from(["", "", "&items "]))
    if draw(st.booleans()):
        blank = draw(st.sampled_from(["", " "]))
        return [f"{key}: {anchor}[{blank}" + ", ".join(entries) + comma + f"{blank}]" + draw(TAIL)]
    inner = [f"  {entry}," + draw(TAIL) for entry in entries[:-1]]
    inner += [f"  {entry}{comma}" + draw(TAIL) for entry in entries[-1:]]
    return [f"{key}: {anchor}[", *inner, " ]" + draw(TAIL)]


@st.composite
def single_include(draw: st.DrawFn, key: str) -> list[str]:
    """Draw an `include` of one file or of none, without a list."""
    form = draw(st.sampled_from(["scalar", "own line", "mapping", "flow mapping", "null"]))
    if form == "scalar":
        return [f"{key}: " + draw(st.sampled_from(["", "&x "])) + draw(st.sampled_from(SCALAR_FILES)) + draw(TAIL)]
    if form == "own line":
        return [f"{key}:{draw(TAIL)}", *draw(COMMENT), "   " + draw(st.sampled_from(SCALAR_FILES)) + draw(TAIL)]
    if form == "mapping":
        by = draw(st.sampled_from([1, 2, 4]))
        anchor = draw(st.sampled_from(["", " &single", " !!map"]))
        entry = draw(st.sampled_from([lines for lines in BLOCK_ENTRIES if ": " in lines[0] and lines[0][0] != "{"]))
        return [f"{key}:{anchor}{draw(TAIL)}", *draw(COMMENT), *indented(entry, by)]
    if form == "flow mapping":
        return draw(st.sampled_from([[f"{key}: {{local: ci/a.yml}}"], [f"{key}: {{", "  local: 'ci/a.yml',", " }"]]))
    return [f"{key}:" + draw(st.sampled_from(["", " ~", " null", "  # nothing", " {}", " []"]))]


@st.composite
def include(draw: st.DrawFn) -> list[str]:
    """Draw an `include` of any form, or none."""
    key = draw(st.sampled_from(["include", "include", "'include'", '"include"', "include "]))
    form = draw(st.sampled_from(["none", "single", "single", "block", "flow"]))
    if form == "single":
        return draw(single_include(key))
    if form == "block":
        return draw(block_list(key, draw(st.lists(st.sampled_from(BLOCK_ENTRIES), min_size=1, max_size=4))))
    return draw(flow_list(key, draw(st.lists(st.sampled_from(FLOW_ENTRIES), max_size=4)))) if form == "flow" else []


@st.composite
def stages(draw: st.DrawFn) -> list[str]:
    """Draw `stages` of any form, or none."""
    form = draw(st.sampled_from(["none", "block", "flow", "null"]))
    names = draw(st.lists(st.sampled_from(STAGES), min_size=1, max_size=6, unique_by=lambda name: name.strip("'\"")))
    if form == "block":
        return draw(block_list("stages", [[name] for name in names]))
    if form == "flow":
        return draw(flow_list("stages", names))
    return ["stages:"] if form == "null" else []


OTHERS = [
    ["variables:", "  A: 'b'", '  C: "d"'],
    ["default:", "  tags: [docker]"],
    ["workflow:", "  rules:", "    - if: $CI_COMMIT_TAG", "    - if: >-", "        $CI_COMMIT_BRANCH"],
    [".base: &base", "  image: alpine", "  script:", "  - make"],
    ["job a:", "  stage: test", "  script:", "    - |", "      if x", "      then y", "", "      fi"],
    ["'job: b':", "  script: >", "    make", "    test", "  # inside"],
    ["job-c: {script: [make, 'make: test'], image: \"x\"}"],
    ["job-d:", "  script:", "    - !reference [.base, script]", '    - "a', "", '      b"'],
    ["job-e:", "    script: |+", "       make", ""],
    ["job-f:", "  script: [", "    make,", "  ] # end"],
    ["? job-g", ": script: make"],
    ["job-h:", "  script: |", "    make"],
    ["job-i:", "  script: >2", "     make", "    test"],
]
USING_BASE = [["job-z:", "  <<: *base", "  stage: build"], ["job-y: *base"]]


@st.composite
def pipelines(draw: st.DrawFn) -> Source:
    """Draw a CI file that GitLab can read."""
    entries = draw(st.permutations([draw(stages()), draw(include())]))
    entries += draw(st.lists(st.sampled_from(OTHERS), unique_by=lambda lines: lines[0], max_size=4))
    if [".base: &base"] in [lines[:1] for lines in entries]:
        entries = [*sorted(entries, key=lambda lines: lines[:1] != [".base: &base"]), *USING_BASE]
    anchors = [".anchors: [&stage verify, &entry {local: ci/z.yml}]"]
    body = [*anchors]
    for lines in entries:
        body += [*draw(COMMENT), *lines]
    body += draw(COMMENT)
    body = indented(body, draw(st.sampled_from([0, 0, 0, 2])))
    head = draw(
        st.sampled_from([[], [], ["# head"], ["---"], ["# head", "--- # start"], ["spec: {inputs: {a: }}", "---"]])
    )
    text = "\n".join([*head, *body])
    text += draw(st.sampled_from(["\n", "\n", "", "\n...\n", "\n\n", "\n# end"]))
    text = text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n"])))
    return Source(draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"])) + text.encode())
