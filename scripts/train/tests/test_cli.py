import pytest

from jepilot_train import cli


def attempt(monkeypatch, capsys, *arguments):
    """Exit status and what was printed."""
    monkeypatch.setattr("sys.argv", ["jepilot-train", *map(str, arguments)])
    with pytest.raises(SystemExit) as exit:
        cli.main()
    return exit.value.code, capsys.readouterr().err


@pytest.mark.parametrize("arguments, message", [
    (["nothing.toml", "--data", "x.h5", "--out", "m"], "cannot read config nothing.toml"),
    (["CONFIG", "--data", "x.h5", "--out", "m"], "no data file x.h5"),
    (["CONFIG", "--data", "CONFIG", "--out", "m"], "is not a whole HDF5 file"),
    (["CONFIG", "--data", "CUT", "--out", "m"], "is not a whole HDF5 file"),
    (["CONFIG", "--data", "FILE", "--out", "m", "--set", "task=cube"], "of task 'dot', the configuration is for task 'cube'"),
    (["CONFIG", "--data", "FILE", "--out", "m", "--stage", "export"], "run --stage all first"),
    (["CONFIG", "--data", "FILE", "--out", "m", "--set", "loss.rollout=50"], "no episode is longer"),
])
def test_errors_are_one_line(tiny, file, tmp_path, monkeypatch, capsys, arguments, message):
    cut = tmp_path / "cut.h5"
    cut.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    names = {"CONFIG": tmp_path / "dot.toml", "FILE": file, "CUT": cut}
    monkeypatch.chdir(tmp_path)
    code, _ = attempt(monkeypatch, capsys, *(names.get(a, a) for a in arguments))
    assert isinstance(code, str) and message in code and "\n" not in code


def test_one_command_makes_a_model_and_exports_it_again(tiny, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = ["jepilot-train", "dot.toml", "--data", str(file), "--out", "models/dot", "--set", "train.steps=3"]
    monkeypatch.setattr("sys.argv", command)
    cli.main()
    out = tmp_path / "models/dot"
    assert (out / "manifest.json").exists() and (tmp_path / "runs/dot-0/jepa.pt").exists()
    card, step = out / "README.md", (out / "step.onnx").read_bytes()
    card.write_text(card.read_text().replace("Not evaluated in closed loop yet.", "99 of 100"))
    monkeypatch.setattr("sys.argv", [*command, "--stage", "export"])
    cli.main()
    assert "<!-- results -->\n99 of 100\n<!-- /results -->" in card.read_text()
    assert (out / "step.onnx").read_bytes() == step
