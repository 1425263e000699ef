#!/usr/bin/env python3
"""Opens result files with h5py, netCDF4 and xarray and checks them against the file schema; with R and
Octave too where they are installed.

    scripts/check_hdf5.py results/*.h5
    scripts/check_hdf5.py --older FILE…     files written before missing integers were marked

Needs nothing but Python 3.9 and, the first time, a package index: it makes a virtual environment of
its own in .build_venv-hdf5/ at the top of the repository. Exit code 0: all files are as they should
be; 1: a file is not, named with the reason; 2: the check itself could not run.
"""

import json
import os
import math
import pathlib
import shutil
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".build_venv-hdf5"
PACKAGES = ["h5py", "h5netcdf", "netCDF4", "xarray", "pandas"]

HEADER_TEXTS = """Conventions format name title source history NX_class spec spec_digest optbench_version
    git_revision swift_version onednn_version hdf5_version libc_version cpu isa kernel created
    content_digest default""".split()
HEADER_NUMBERS = "format_version planned_runs cores flush_denormals".split()
PROBLEM_TEXTS = "NX_class summary problem_digest layout target_metric target_rule".split()
PROBLEM_NUMBERS = "parameter_count lower_bound loss_unit steps steps_per_epoch".split()

TEXTS = """run optimizer clipping outcome failure_tensor config initial_parameters_digest
    data_order_digest run_digest""".split()
COLUMNS = {
    **dict.fromkeys(TEXTS, "text"),
    **dict.fromkeys(
        """seed trial steps_recorded target_step failure_step first_alarm_step worst_step spikes
        spikes_recovered nonfinite_gradients""".split(), "int32"),
    "is_default_learning_rate": "int8",
    "base_learning_rate": "float64", "wall_seconds": "float64", "training_seconds": "float64",
    "gradient_difference": "float64", "objective_messages": "text",
    "gradient_evaluations": "int64", "peak_memory_bytes": "int64",
}
# What files were once written without.
ADDED = {"training_seconds", "gradient_difference", "objective_messages"}
SERIES = {
    **dict.fromkeys(
        """loss gradient_norm clipped_gradient_norm clip_coefficient update_norm parameter_norm
        gradient_cosine learning_rate""".split(), "float32"),
    "clip_fired": "int8",
}
METRICS = """train_loss validation_loss test_loss train_accuracy validation_accuracy
    test_accuracy""".split()
# The integers of which -1 means that there is none.
OPTIONAL = """failure_step target_step first_alarm_step worst_step clip_fired flight_step
    evaluation_gradient_evaluations""".split()
# The groups that belong to all problems; no problem may be called so.
COMMON_GROUPS = ("plan", "provenance", "update_traces")
LABELS = "optimizer clipping seed outcome base_learning_rate steps_recorded trial".split()
NORMS = "gradient_norm update_norm parameter_norm".split()
OUTCOMES = {"completed", "nonfinite", "exploded", "worse_than_start", "stalled", "timed_out", "objective_failed"}


def enter_environment():
    """Continues within the virtual environment, which is made and filled where it is missing."""
    python = ENVIRONMENT / "bin" / "python"
    if pathlib.Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
        return
    test = [str(python), "-c", "import " + ", ".join(PACKAGES)]
    if not python.exists() or subprocess.run(test, capture_output=True).returncode != 0:
        print(f"making {ENVIRONMENT} with {', '.join(PACKAGES)}", flush=True)
        try:
            venv.create(ENVIRONMENT, with_pip=True, clear=True)
            install = [str(python), "-m", "pip", "install", "--quiet",
                       "--disable-pip-version-check", *PACKAGES]
            subprocess.run(install, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"check_hdf5: cannot make {ENVIRONMENT}: {error}\n"
                  "  needs python3-venv and a package index (PyPI)", file=sys.stderr)
            sys.exit(2)
    os.execv(python, [str(python), __file__, *sys.argv[1:]])


IS_OLDER = "--older" in sys.argv[1:]


class Problem(Exception):
    """What is wrong with a file."""


def require(condition, message):
    if not condition:
        raise Problem(message)


def text(value):
    """A text attribute as h5py gives it, without the null bytes that pad it."""
    value = value.decode() if isinstance(value, bytes) else str(value)
    return value.rstrip("\0")


def fixed_text(owner, name):
    """The value of an attribute that must be a UTF-8 text of fixed length, padded with nulls."""
    import h5py

    require(name in owner.attrs, f"{owner.name} lacks the attribute {name}")
    kind = owner.attrs.get_id(name).get_type()
    require(
        kind.get_class() == h5py.h5t.STRING and not kind.is_variable_str()
        and kind.get_strpad() == h5py.h5t.STR_NULLPAD and kind.get_cset() == h5py.h5t.CSET_UTF8,
        f"{owner.name}@{name} is not a null-padded UTF-8 text of fixed length")
    value = owner.attrs[name]
    return [text(v) for v in value] if getattr(value, "shape", ()) else text(value)


def numbers(dataset, kind, dimensions):
    """The values of a dataset that must have a type and named dimensions."""
    import h5py

    where = dataset.name
    if kind == "text":
        info = h5py.check_string_dtype(dataset.dtype)
        require(info is not None and info.encoding == "utf-8" and info.length is None,
                f"{where} is not UTF-8 text of variable length")
    else:
        require(dataset.dtype == kind, f"{where} is {dataset.dtype}, not {kind}")
    require(dataset.ndim == len(dimensions), f"{where} has {dataset.ndim} dimensions")
    for axis, name in enumerate(dimensions):
        if dataset.is_scale:
            break
        require(len(dataset.dims[axis]) == 1, f"{where} has no name for dimension {axis}")
        scale = dataset.dims[axis][0]
        require(scale.name.rsplit("/", 1)[1] == name,
                f"{where}: dimension {axis} is {scale.name}, not {name}")
        require(scale.shape[0] == dataset.shape[axis], f"{where}: {name} has another length")
    if dataset.ndim > 1 and dataset.size:
        require(dataset.fletcher32, f"{where} has no checksum")
    fill = dataset.attrs.get("_FillValue")
    if where.rsplit("/", 1)[1] not in OPTIONAL:
        require(fill is None, f"{where} has the attribute _FillValue")
    elif not (IS_OLDER and fill is None):
        require(fill == -1 and fill.dtype == dataset.dtype, f"{where}@_FillValue is {fill}, not -1")
    if dataset.ndim == 1:
        require(dataset.chunks is None and dataset.id.get_create_plist().get_layout() != h5py.h5d.COMPACT
                or IS_OLDER, f"{where} lies in its header, which R's ncdf4 does not read")
    fixed_text(dataset, "long_name")
    return dataset.asstr()[()] if kind == "text" else dataset[()]


def check_problem(group):
    """Checks one problem's group; returns its number of runs."""
    import numpy

    require(fixed_text(group, "NX_class") == "NXdata", f"{group.name} is not NXdata")
    for name in PROBLEM_TEXTS:
        fixed_text(group, name)
    for name in PROBLEM_NUMBERS:
        require(name in group.attrs, f"{group.name} lacks the attribute {name}")
    require(isinstance(json.loads(fixed_text(group, "layout")), list), "layout is not a list")
    if "run" not in group:
        require(len(group) == 0, f"{group.name} has datasets but no runs")
        return 0
    require(fixed_text(group, "signal") == "loss", f"{group.name}@signal is not loss")
    require(fixed_text(group, "axes") == [".", "step"], f"{group.name}@axes is not [., step]")

    columns = {name: numbers(group[name], kind, ["run"]) for name, kind in COLUMNS.items()
               if not (IS_OLDER and name in ADDED and name not in group)}
    for name in fixed_text(group, "hyperparameters").split():
        numbers(group[name], "float64", ["run"])
    runs, steps = len(columns["run"]), len(group["step"])
    require(len(set(columns["run"])) == runs, f"{group.name}/run names a run twice")
    require(set(columns["outcome"]) <= OUTCOMES, f"{group.name}/outcome: unknown outcome")
    require(list(group["step"][()]) == list(range(steps)), f"{group.name}/step is not 0, 1, …")
    for config in columns["config"]:
        json.loads(config)

    recorded = columns["steps_recorded"]
    padding = numpy.arange(steps)[None, :] >= recorded[:, None]
    for name, kind in SERIES.items():
        values = numbers(group[name], kind, ["run", "step"])
        padded = numpy.isnan(values) if kind == "float32" else values == -1
        require(padded[padding].all(), f"{group.name}/{name} has values after the end of a run")
        coordinates = fixed_text(group[name], "coordinates").split()
        require(set(coordinates) <= set(group), f"{group.name}/{name}@coordinates: unknown name")
        require({"optimizer", "clipping", "seed", "outcome"} <= set(coordinates),
                f"{group.name}/{name}@coordinates lacks a name")
        fixed_text(group[name], "units")
    if steps and runs:
        fired = group["clip_fired"][()]
        require(numpy.isin(fired[~padding], [0, 1]).all(), f"{group.name}/clip_fired is not 0 or 1")

    labels = ["run", *LABELS, *fixed_text(group, "hyperparameters").split()]
    for name in ("evaluation", "flight", "tensors"):
        for label in labels if name in group and not IS_OLDER else []:
            require(label in group[name] and group[name][label] == group[label],
                    f"{group[name].name} lacks the label {label}")
    if "evaluation" in group:
        check_evaluation(group["evaluation"])
    if "flight" in group:
        flight = group["flight"]
        numbers(flight["tensor"], "text", ["tensor"])
        at = numbers(flight["flight_step"], "int32", ["run", "flight_step_index"])
        for name in NORMS:
            values = numbers(flight[name], "float32", ["run", "flight_step_index", "tensor"])
            require(numpy.isnan(values[at < 0]).all(), f"{flight.name}/{name}: values without step")
    if "tensors" in group:
        numbers(group["tensors/tensor"], "text", ["tensor"])
        numbers(group["tensors/recorded"], "int8", ["run"])
        for name in NORMS:
            numbers(group["tensors"][name], "float32", ["run", "step", "tensor"])
    return runs


def check_plan(group, problems):
    """Checks that every stored run stands in the plan."""
    planned = numbers(group["problem"], "text", ["planned_run"])
    runs = numbers(group["planned_run"], "text", ["planned_run"])
    require(set(planned) <= set(problems), "/plan names a problem that is no group")
    require(len(set(zip(planned, runs))) == len(runs), "/plan names a run twice")
    for name, kind in {"optimizer": "text", "clipping": "text", "seed": "int32", "round": "int32"}.items():
        numbers(group[name], kind, ["planned_run"])
    for name, count in problems.items():
        require(count <= list(planned).count(name), f"{name} has runs that /plan does not name")


def check_evaluation(group):
    import numpy

    at = numbers(group["evaluation_step"], "int32", ["evaluation_step"])
    require((numpy.diff(at) > 0).all(), f"{group.name}/evaluation_step does not increase")
    axes = ["run", "evaluation_step"]
    spent = numbers(group["evaluation_gradient_evaluations"], "int64", axes)
    numbers(group["elapsed_seconds"], "float64", axes)
    require(any(name in group for name in METRICS), f"{group.name} has no metric")
    require(fixed_text(group, "signal") in group, f"{group.name}@signal is not in the group")
    for name in METRICS:
        if name in group:
            # Shares of examples are exact only in double precision.
            kind = "float32" if IS_OLDER or not name.endswith("accuracy") else "float64"
            values = numbers(group[name], kind, axes)
            require(numpy.isnan(values[spent < 0]).all(), f"{group.name}/{name}: padding")


def check_h5py(path):
    """Checks the whole tree; returns the runs of each problem by name."""
    import h5py

    with h5py.File(path, "r") as file:
        require(fixed_text(file, "format") == "optbench-experiment", "it is no experiment")
        require(int(file.attrs["format_version"]) == 1, "its format version is not 1")
        require(fixed_text(file, "Conventions") == "CF-1.11", "Conventions is not CF-1.11")
        for name in HEADER_TEXTS:
            fixed_text(file, name)
        for name in HEADER_NUMBERS:
            require(name in file.attrs, f"/ lacks the attribute {name}")
        for name in ("spec_digest", "content_digest"):
            value = fixed_text(file, name)
            require(len(value) == 64 and set(value) <= set("0123456789abcdef"),
                    f"/@{name} is not a SHA-256 digest")
        require(fixed_text(file, "default") in file, "/@default names no problem")
        problems = {name: check_problem(file[name]) for name in file if name not in COMMON_GROUPS}
        if "update_traces" in file:
            check_update_traces(file["update_traces"])
        if not IS_OLDER:
            check_plan(file["plan"], problems)
    require(sum(problems.values()) <= 10**9, "too many runs")
    return problems


def check_update_traces(group):
    """Checks what each method makes of a fixed sequence of gradients: one row each."""
    import numpy

    for name in ("optimizer", "clipping", "setting"):
        numbers(group[name], "text", ["method"])
    values = numbers(group["parameters"], "float32", ["method", "updates", "coordinate"])
    require(values.shape[0] > 0 and numpy.isfinite(values[:, 0]).all(),
            f"{group.name}/parameters begins with no numbers")


def check_netcdf(path, problems):
    """Checks that netCDF-4 sees the same dimensions, and the same numbers as HDF5."""
    import h5py
    import netCDF4
    import numpy

    with netCDF4.Dataset(path) as file, h5py.File(path, "r") as plain:
        require(file.data_model == "NETCDF4", f"netCDF calls it {file.data_model}")
        require(file.Conventions == "CF-1.11", "netCDF cannot read Conventions")
        for name, runs in problems.items():
            group = file[name]
            if runs == 0:
                continue
            require(len(group.dimensions["run"]) == runs, f"netCDF: {name} has other runs")
            require(group["loss"].dimensions == ("run", "step"), f"netCDF: {name}/loss dimensions")
            group.set_auto_mask(False)
            require(numpy.array_equal(group["loss"][:], plain[name]["loss"][()], equal_nan=True),
                    f"netCDF: {name}/loss has other values")
            require(list(group["run"][:]) == list(plain[name]["run"].asstr()[()]),
                    f"netCDF: {name}/run has other values")
            for child in group.groups.values():
                for variable in child.variables.values():
                    variable[:]


def check_xarray(path, problems):
    """Checks that the one-liners of the documentation work."""
    import xarray

    for engine in ("h5netcdf", "netcdf4"):
        for name, runs in problems.items():
            if runs == 0:
                continue
            with xarray.open_dataset(path, group=name, engine=engine) as data:
                require(data.sizes["run"] == runs, f"xarray: {name} has other runs")
                for coordinate in ("optimizer", "clipping", "seed", "outcome", "run", "step"):
                    require(coordinate in data.coords, f"xarray: {coordinate} is no coordinate")
                frame = data.to_dataframe()
                require(len(frame) == runs * data.sizes["step"],
                        f"xarray: {name} gives {len(frame)} rows")
                share = (data.outcome == "completed").groupby("optimizer").mean()
                require(float(share.max()) <= 1, f"xarray: {name} does not group")
                groups = data.loss.groupby("outcome").groups
                require(set(groups) <= OUTCOMES, f"xarray: {name} groups by {set(groups)}")
                check_missing(data, name)
            if not IS_OLDER:
                check_xarray_evaluation(xarray, path, name, engine)
        if hasattr(xarray, "open_datatree"):
            with xarray.open_datatree(path, engine=engine) as tree:
                require(set(problems) <= set(tree.children), "open_datatree lacks a problem")
                for name, runs in problems.items():
                    if runs and "evaluation" in tree[name].children:
                        child = tree[f"{name}/evaluation"]
                        require(child.sizes["run"] == runs, f"open_datatree: {name}/evaluation")


def check_missing(data, name):
    """Checks that what a run does not have counts in no mean and no comparison."""
    if IS_OLDER:
        return
    fired = data.clip_fired.where(data.step < data.steps_recorded, drop=True)
    require(float(data.clip_fired.min()) >= 0, f"xarray: {name}/clip_fired counts -1")
    require(math.isclose(float(data.clip_fired.mean()), float(fired.mean())),
            f"xarray: the mean of {name}/clip_fired counts steps that were not made")
    for column in ("failure_step", "target_step", "first_alarm_step", "worst_step"):
        require(not (data[column] < 0).any(), f"xarray: {name}/{column} has -1 for none")


def check_xarray_evaluation(xarray, path, name, engine):
    """Checks that the evaluations, opened for themselves, know whose they are."""
    try:
        data = xarray.open_dataset(path, group=f"{name}/evaluation", engine=engine)
    except (OSError, KeyError, ValueError):
        return  # no evaluations
    with data:
        for coordinate in ("run", *LABELS):
            require(coordinate in data.coords, f"xarray: {name}/evaluation has no {coordinate}")
        keys = ["optimizer", "clipping", "base_learning_rate", "seed"]
        data.set_index(run=keys).unstack("run")
        require(not (data.evaluation_gradient_evaluations < 0).any(),
                f"xarray: {name}/evaluation counts -1 gradient evaluations")


# What each program prints: the extent in runs and steps, the sum of the finite losses of the first ten steps, the
# share of steps at which clipping fired.
R_NCDF4 = """
library(ncdf4); n <- nc_open(Sys.getenv("RESULT"))
get <- function(x) ncvar_get(n, paste0(Sys.getenv("PROBLEM"), "/", x), collapse_degen = FALSE)
loss <- get("loss"); fired <- get("clip_fired"); first <- loss[1:min(10, nrow(loss)), ]
stopifnot(length(get("optimizer")) == ncol(loss), nrow(get("evaluation/evaluation_gradient_evaluations")) > 0)
cat(sprintf("%.17g", c(ncol(loss), nrow(loss), sum(first[is.finite(first)]), mean(fired, na.rm = TRUE))))
"""
R_HDF5R = """
library(hdf5r); p <- H5File$new(Sys.getenv("RESULT"), "r")[[Sys.getenv("PROBLEM")]]
loss <- p[["loss"]][, , drop = FALSE]; fired <- p[["clip_fired"]][, , drop = FALSE]; fired[fired < 0] <- NA
first <- loss[1:min(10, nrow(loss)), ]; stopifnot(length(p[["optimizer"]][]) == ncol(loss))
cat(sprintf("%.17g", c(ncol(loss), nrow(loss), sum(first[is.finite(first)]), mean(fired, na.rm = TRUE))))
"""
OCTAVE = """
pkg load netcdf; get = @(x) ncread(getenv("RESULT"), ["/" getenv("PROBLEM") "/" x]);
loss = get("loss"); fired = get("clip_fired"); first = loss(1:min(10, rows(loss)), :);
seeds = get("evaluation/seed"); assert(numel(seeds), columns(loss));
printf("%.17g ", columns(loss), rows(loss), sum(first(isfinite(first))), mean(fired(! isnan(fired))));
"""
PROGRAMS = {
    "R (ncdf4)": ["Rscript", "-e", R_NCDF4], "R (hdf5r)": ["Rscript", "-e", R_HDF5R],
    "Octave (netcdf)": ["octave-cli", "--norc", "--eval", OCTAVE],
}


def check_programs(path, problems):
    """Checks that R and Octave read the same numbers; returns the names of those that are there."""
    import h5py
    import numpy

    found = {name: command for name, command in PROGRAMS.items() if shutil.which(command[0])}
    for name, runs in problems.items():
        if runs == 0 or IS_OLDER:
            continue
        with h5py.File(path) as file:
            loss, fired = file[name]["loss"][()], file[name]["clip_fired"][()]
        first = loss[:, :10].astype(float)
        expected = [*loss.shape, first[numpy.isfinite(first)].sum(), fired[fired >= 0].mean()]
        for program, command in found.items():
            place = {**os.environ, "RESULT": str(path), "PROBLEM": name}
            result = subprocess.run(command, capture_output=True, text=True, env=place)
            require(result.returncode == 0, f"{program} cannot read {name}: {result.stderr.strip()}")
            values = [float(word) for word in result.stdout.split("\n")[-1].split()]
            require(numpy.allclose(values, expected, rtol=1e-6), f"{program} reads {values} of {name}, not {expected}")
    return list(found)


def main():
    files = [argument for argument in sys.argv[1:] if argument != "--older"]
    if not files or files[0].startswith("-"):
        print(__doc__)
        sys.exit(64 if not files else 0)
    enter_environment()
    import h5py
    import netCDF4
    import pandas
    import xarray

    print(f"h5py {h5py.__version__} (HDF5 {h5py.version.hdf5_version}), netCDF4 "
          f"{netCDF4.__version__} (netCDF-C {netCDF4.__netcdf4libversion__}), "
          f"xarray {xarray.__version__}, pandas {pandas.__version__}")
    failed = False
    for path in files:
        try:
            problems = check_h5py(path)
            check_netcdf(path, problems)
            check_xarray(path, problems)
            programs = check_programs(path, problems)
            counts = ", ".join(f"{name} {runs}" for name, runs in problems.items())
            print(f"ok  {path}: runs: {counts}" + "".join(f", {name}" for name in programs if not IS_OLDER))
        except Problem as problem:
            failed = True
            print(f"BAD {path}: {problem}", file=sys.stderr)
        except Exception as error:  # a reader that cannot open the file is a finding, too
            failed = True
            print(f"BAD {path}: {type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
