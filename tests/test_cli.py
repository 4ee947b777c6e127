"""The installed command, run as a person runs it: in a process, a pipe, a pseudo-terminal, at any width."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from errno import EISDIR, ENOENT, ENOSPC
from pathlib import Path

import jsonschema
import msgspec
import oracle
import pytest
from builders import ROOT
from command import COMMAND, PATIENCE, Run, at_end, in_terminal, in_this_process, running
from rich.cells import cell_len

import advisor
from advisor.model.knowledge import Knowledge

NIGHT = "examples/night-cramps.yaml"
LEG = "examples/see-a-doctor-first.yaml"
FORM = "examples/from-a-form.json"
DISCLAIMERS = (
    "It is not medical advice",
    "Talk to a doctor or pharmacist before",
    "Supplements do not suit",
    "No single vitamin",
    "Only the seven nutrients",
)


def text(run: Run, *arguments: str | Path, columns: int = 80, stdin: bytes = b"") -> str:
    done = run(*arguments, stdin=stdin, env={"COLUMNS": str(columns)})
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def flat(output: str) -> str:
    return " ".join(output.split())


@pytest.mark.parametrize("example", [NIGHT, LEG, FORM])
@pytest.mark.parametrize("columns", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(run: Run, example: str, columns: int) -> None:
    for arguments in (
        ["advise", example],
        ["advise", example, "--trace"],
        ["findings"],
        ["rules"],
        ["rules", "care.clot_signs"],
    ):
        for line in text(run, *arguments, columns=columns).splitlines():
            assert cell_len(line) <= columns or line.startswith("Defined in"), line
            assert line == line.rstrip()


def test_an_emergency_comes_first_and_the_nutrients_can_wait(run: Run) -> None:
    file = b"findings: [breathless_or_chest_pain, cramps_disturb_sleep, fatigue, takes_warfarin]"
    output = flat(text(run, "advise", "-", columns=40, stdin=file))
    assert output.startswith("GET EMERGENCY HELP NOW Call your local emergency number now")
    parts = [
        "Call your local",
        "Tell them about this too",
        "Cramps that disturb sleep",
        "What was reported",
        "Be careful",
        "until you have been seen",
    ]
    parts += ["Please remember", *DISCLAIMERS]
    assert [output.index(part) for part in parts] == sorted(output.index(part) for part in parts)


def test_without_a_warning_sign_nothing_has_to_wait(run: Run) -> None:
    denied = ", ".join(f"{sign}: no" for sign in oracle.PRESSING)
    output = flat(text(run, "advise", "-", stdin=f"findings: {{fatigue: yes, {denied}}}".encode()))
    assert output.startswith("No warning sign among your answers")
    assert "until you have been seen" not in output


def test_what_was_not_asked_is_no_all_clear(run: Run) -> None:
    output = flat(text(run, "advise", "-", stdin=b"findings: [fatigue]"))
    assert output.startswith("This is not an all-clear Not answered: breathlessness or chest pain;")


@pytest.mark.parametrize("findings", ["[]", "{}", "[poor_diet]", "[kidney_disease]", "{fatigue: no}"])
def test_where_nothing_is_suggested_it_says_so_and_all_disclaimers_stand(run: Run, findings: str) -> None:
    output = flat(text(run, "advise", "-", stdin=f"findings: {findings}".encode()))
    assert "points to none of the" in output
    assert all(part in output for part in DISCLAIMERS)


def test_the_text_says_all_that_the_json_says(run: Run) -> None:
    output = flat(text(run, "advise", NIGHT))
    advice = json.loads(run("advise", NIGHT, "--format", "json").stdout)
    for nutrient in advice["nutrients"]:
        assert nutrient["name"] in output
        shown = [nutrient["evidence"]["note"], nutrient["ask_your_doctor"], *nutrient["foods"]]
        assert all(part.lower() in output.lower() for part in shown)
    for item in advice["care"]["items"] + advice["advice"] + advice["cautions"] + advice["disclaimers"]:
        assert item["text"] in output


def test_the_trace_numbers_the_steps_and_names_rules_and_sources(run: Run) -> None:
    output = flat(text(run, "advise", NIGHT, "--trace"))
    for step in json.loads(run("advise", NIGHT, "--format", "json").stdout)["trace"]:
        assert f"{step['step']}. {step['rule']} From:" in output
        assert step["text"] in output
        assert all(f"[{passage}]" in output for passage in step["source"])
    assert "step by step" not in text(run, "advise", NIGHT)


def test_json_is_one_line_that_its_schema_describes(run: Run) -> None:
    schema = json.loads(run("schema", "advice").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    for example in (NIGHT, LEG, FORM):
        output = run("advise", example, "--format", "json").stdout
        assert output.count(b"\n") == 1
        advice = json.loads(output)
        jsonschema.validate(advice, schema)
        for key in advice:
            lacking = {k: v for k, v in advice.items() if k != key}
            assert not jsonschema.Draft202012Validator(schema).is_valid(lacking)
        assert not jsonschema.Draft202012Validator(schema).is_valid(advice | {"dose": 1})


def test_the_symptom_schema_knows_the_vocabulary(run: Run, knowledge: Knowledge) -> None:
    schema = json.loads(run("schema", "symptoms").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert list(schema["properties"]["findings"]["oneOf"][0]["properties"]) == list(knowledge.finding)


def test_advice_can_be_written_to_a_file_that_appears_whole_or_not_at_all(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "advice"
    for arguments in (["--format", "json"], ["--trace"]):
        done = run("advise", NIGHT, *arguments, "--output", target)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert target.read_bytes() == run("advise", NIGHT, *arguments).stdout
    before = target.read_bytes()
    assert run("advise", "none.yaml", "--output", target).returncode == 2
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]
    for place in (tmp_path, tmp_path / "none" / "x", Path("/dev/full")):
        done = run("advise", NIGHT, "--output", place)
        assert done.returncode == 2
        assert b"cannot be written" in done.stderr


def test_standard_input_file_and_module_give_the_same(run_apart: Run) -> None:
    from_file = run_apart("advise", FORM, "--format", "json").stdout
    content = (ROOT / FORM).read_bytes()
    assert run_apart("advise", "-", "--format", "json", stdin=content).stdout == from_file
    assert run_apart("advise", "--format", "json", stdin=content).stdout == from_file
    module = [sys.executable, "-m", "advisor", "advise", FORM, "--format", "json"]
    assert subprocess.run(module, cwd=ROOT, capture_output=True, check=True).stdout == from_file


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_the_hash_seed_and_the_locale_change_not_one_byte(run_apart: Run, seed: str) -> None:
    plain = run_apart("advise", NIGHT, "--format", "json").stdout
    env = {"PYTHONHASHSEED": seed, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "TZ": "Asia/Tokyo"}
    assert run_apart("advise", NIGHT, "--format", "json", env=env).stdout == plain


def test_findings_lists_the_vocabulary_as_table_and_json(run: Run, knowledge: Knowledge) -> None:
    for columns in (40, 80):
        output = text(run, "findings", columns=columns)
        found = [word for word in re.findall(r"^ ?(\w+)", output, re.MULTILINE) if word in knowledge.finding]
        assert found == list(knowledge.finding)
    listed = json.loads(run("findings", "--format", "json").stdout)
    assert [finding["id"] for finding in listed] == list(knowledge.finding)


def test_rules_lists_all_and_shows_one_in_full(run: Run, knowledge: Knowledge) -> None:
    output = text(run, "rules")
    assert all(re.search(rf"^ ?{re.escape(rule)}(\s|$)", output, re.MULTILINE) for rule in knowledge.rule)
    assert [rule["id"] for rule in json.loads(run("rules", "--format", "json").stdout)] == list(knowledge.rule)
    one = flat(text(run, "rules", "vitamin_k2.trial_age"))
    for part in ("cramps at night and age 65 or more", "interpreted", "vitamin_k2.yaml:", "[tan_2024.people]"):
        assert part in one


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["advise", "none.yaml"], f"none.yaml: cannot be read: {os.strerror(ENOENT)}"),
        (["advise", "."], f".: cannot be read: {os.strerror(EISDIR)}"),
        (["advise", NIGHT, "--format", "pdf"], "pdf"),
        (["advise", NIGHT, LEG], LEG),
        (["rules", "care.clotsigns"], "there is no rule 'care.clotsigns' (did you mean 'care.clot_signs'"),
        (["schema", "dose"], "dose"),
        (["advice"], "advice"),
        (["advise", NIGHT, "--rules", "none"], "none: cannot be read"),
    ],
)
def test_a_wrong_command_is_answered_in_a_sentence(run: Run, arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def commands() -> list[str]:
    from advisor.cli.options import cli

    return sorted(cli.commands)


def test_the_version_is_that_of_the_package(run_apart: Run) -> None:
    assert run_apart("--version").stdout.decode() == f"nutrient-advisor {advisor.__version__}\n"


def test_the_shell_completes_commands_and_rules(run: Run) -> None:
    env = {
        "_NUTRIENT_ADVISOR_COMPLETE": "bash_complete",
        "COMP_WORDS": "nutrient-advisor rules care.c",
        "COMP_CWORD": "2",
    }
    assert "care.clot_signs" in run(env=env).stdout.decode()
    assert "calcium.cramps" not in run(env=env).stdout.decode()
    assert b"nutrient-advisor" in run(env={"_NUTRIENT_ADVISOR_COMPLETE": "bash_source"}).stdout


def on_screen(*arguments: str, columns: int = 80, **env: str) -> str:
    """What the command writes to a pseudo-terminal."""
    code, output = at_end(in_terminal(*arguments, columns=columns, env=env))
    assert code == 0
    return output


def test_colour_is_for_terminals_and_no_color_is_honoured(run: Run) -> None:
    assert "\x1b[1;31mGET MEDICAL HELP URGENTLY" in on_screen("advise", LEG)
    assert "\x1b" not in on_screen("advise", LEG, NO_COLOR="1")
    assert "\x1b" not in on_screen("advise", LEG, TERM="dumb")
    assert b"\x1b" not in run("advise", LEG, env={"FORCE_COLOR": "1", "TERM": "xterm-256color"}).stdout


def test_the_text_fits_the_terminal_it_is_on() -> None:
    lines = on_screen("advise", NIGHT, columns=40, NO_COLOR="1").split("\r\n")
    assert 35 <= max(map(len, lines)) <= 40


def test_without_a_file_on_a_terminal_it_asks_for_one_instead_of_waiting() -> None:
    code, output = at_end(in_terminal("advise"))
    assert code == 2
    assert "Give a symptom file" in output


def test_ctrl_c_ends_the_command_quietly(tmp_path: Path) -> None:
    fifo = tmp_path / "answers.yaml"
    os.mkfifo(fifo)
    with running("advise", fifo) as process:
        with fifo.open("wb"):  # opens once the command has opened the other end, and is waiting for input
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, output) == (130, b"")
    assert b"Traceback" not in errors


@pytest.mark.parametrize("arguments", ["rules --format json", "rules", "--help", "advise examples/night-cramps.yaml"])
def test_a_reader_that_stops_reading_is_not_an_error(arguments: str) -> None:
    script = f"set -o pipefail; '{COMMAND}' {arguments} | true"
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("redirection", "message"),
    [("<&-", "<stdin>: cannot be read: it is closed"), (">&-", "Error: standard output is closed"), ("2>&-", "")],
)
def test_a_closed_stream_is_reported(redirection: str, message: str) -> None:
    script = f"echo 'findings: [' | '{COMMAND}' advise - {redirection}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_errors_that_cannot_be_written_change_no_exit_code() -> None:
    for arguments in (["advise", "none.yaml"], ["nonsense"]):
        with open("/dev/full", "wb") as full:
            assert subprocess.run([COMMAND, *arguments], stderr=full, check=False).returncode == 2


@pytest.mark.parametrize("columns", ["0", "1", "10", "24", "69", "9999999", "9" * 30, "wide"])
def test_no_terminal_width_loses_a_word(run: Run, columns: str) -> None:
    def letters(output: str) -> str:
        return "".join(output.split())

    expected = text(run, "advise", LEG, "--trace")
    done = run("advise", LEG, "--trace", env={"COLUMNS": columns})
    assert letters(done.stdout.decode()) == letters(expected)
    for command, name in (("findings", "takes_warfarin"), ("rules", "care.clot_signs")):
        listed = run(command, env={"COLUMNS": columns}).stdout.decode()
        assert "…" not in listed
        assert name in listed.split()


def test_names_of_files_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    odd = tmp_path / "x\x1b[31m\n.yaml"
    for arguments in (["advise", odd], ["findings", "--rules", odd]):
        done = run(*arguments)
        assert done.returncode == 2
        assert done.stderr.decode().count("\n") == 1
        assert "x\\x1b[31m\\n.yaml: cannot be read" in done.stderr.decode()


def test_warnings_as_errors_change_nothing(run_apart: Run) -> None:
    assert run_apart("advise", NIGHT, env={"PYTHONWARNINGS": "error"}).stdout == run_apart("advise", NIGHT).stdout


def test_a_full_disk_is_reported() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([COMMAND, "advise", NIGHT], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr.decode() == f"Error: the output could not be written: {os.strerror(ENOSPC)}\n"


def test_a_name_that_the_terminal_cannot_show_is_not_an_error(run_apart: Run) -> None:
    symptoms = "case: Žofie 你好\nfindings: [fatigue]".encode()
    done = run_apart("advise", "-", stdin=symptoms, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert b"\\u4f60" in done.stdout


def test_durable_rules_is_not_loaded_to_list_findings() -> None:
    script = (
        "import sys, advisor; advisor.load(); assert 'durable' not in sys.modules; assert 'rich' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["advise", NIGHT, "--trace"],
        ["advise", "-", "--format", "json"],
        ["advise", "none.yaml"],
        ["explain", LEG, "--why", "magnesium", "--format", "html"],
        ["ask", "--format", "json"],
        ["batch", "-", "--output", "-"],
        ["check"],
        ["rules", "care.clotsigns"],
        ["nonsense"],
        ["findings", "--help"],
    ],
    ids=" ".join,
)
def test_what_is_run_in_this_process_does_what_the_installed_command_does(arguments: list[str], run_apart: Run) -> None:
    """Most tests rely on it, because it is quick."""
    for stdin in (b"", b'{"findings": ["fatigue"]}\n{"findings": [1]}\n'):
        apart, here = (
            run(*arguments, stdin=stdin, env={"SOURCE_DATE_EPOCH": "0"}) for run in (run_apart, in_this_process)
        )
        told = [re.sub(rb"\([0-9.]+ s, [0-9,]+ a second\)", b"", done.stderr) for done in (apart, here)]
        assert (here.returncode, here.stdout, told[1]) == (apart.returncode, apart.stdout, told[0])


def test_objects_are_frozen(advising: advisor.Advisor) -> None:
    advice = advising.advise(["fatigue"])
    with pytest.raises(AttributeError):
        advice.case = "x"  # type: ignore[misc]
    assert msgspec.json.decode(advisor.to_json(advice), type=advisor.Advice) == advice
