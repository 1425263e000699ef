// The runs of the page: their table, their curves, and a part for each of them.

const D = JSON.parse($("#data").textContent);
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const DIGIT = new Map([...ALPHABET].map((character, index) => [character, index]));
/** The numbers of a text of three characters each; see PackedNumbers in the program. */
function unpack(text) {
  const numbers = [];
  for (let place = 0; place < text.length; place += 3) {
    const code = (DIGIT.get(text[place]) << 12) | (DIGIT.get(text[place + 1]) << 6) | DIGIT.get(text[place + 2]);
    const size = code & 131071;
    const value = size === 0 ? (code ? NaN : 0) : size === 131071 ? Infinity
      : 10 ** ((size - 0.5) / 131069 * 85 - 46);
    numbers.push(code >> 17 ? -value : value);
  }
  return numbers;
}

for (const column of D.columns) {
  const list = column.names ?? column.numbers;
  const width = list.length > 64 ? 2 : 1;
  column.at = list.length === 1 ? () => list[0] : !column.places ? (index) => list[index] : (index) => list[
    [...column.places.substr(index * width, width)].reduce((place, character) => place * 64 + DIGIT.get(character), 0)];
}
let before = "";
const runs = D.keys.map(([shared, rest], index) => {
  const run = { index, key: before = [...before].slice(0, shared).join("") + rest };
  for (const column of D.columns) run[column.key] = column.at(index);
  run.hash = "#run-" + encodeURIComponent(D.problems.length > 1 ? `${run.problem}/${run.key}` : run.key);
  return run;
});
const byHash = new Map(runs.map((run) => [decodeURIComponent(run.hash), run]));
const flights = new Map(D.flights.map((flight) => [flight.run, flight]));
const isBad = (run) => ["nonfinite", "exploded", "worse_than_start"].includes(run.outcome);
const title = (key) => key.replace(/^hyperparameter_/, "").replaceAll("_", " ").replace(/^./, (c) => c.toUpperCase());

/** How a run ended, in a sentence. */
function ending(run) {
  const at = run.failure_step == null ? "" : ` at step ${run.failure_step}`;
  const what = run.failure_tensor ? ` (${run.failure_tensor})` : "";
  const said = {
    completed: "completed", exploded: `exploded${at}${what}`, nonfinite: `became NaN or infinite${at}${what}`,
    worse_than_start: "ended worse than it began", stalled: "stopped early", timed_out: "ran out of time",
    objective_failed: "its objective failed",
  };
  return said[run.outcome] ?? run.outcome;
}

/**
 * The points of a run's curve, one for each stretch of steps: where its middle lies, the median loss and the
 * highest, or the highest gradient norm.
 */
function points(run, kind) {
  const cache = (run.points ??= {});
  return (cache[kind] ??= (() => {
    const stretch = Math.max(1, Math.ceil(run.steps / D.most));
    const values = unpack(D[kind][run.index]);
    const each = kind === "loss" && stretch > 1 ? 2 : 1;
    const list = [];
    for (let place = 0; place < values.length; place += each) {
      const first = place / each * stretch;
      const middle = (first + Math.min(first + stretch, run.steps) - 1) / 2;
      list.push([middle, ...values.slice(place, place + each)]);
    }
    // A failed run ends at its highest, where it failed.
    const last = list.at(-1);
    if (last && isBad(run)) list.push([run.steps - 1, ...last.slice(1).map(() => last.at(-1))]);
    return list;
  })());
}

// MARK: Curves

const ticks = (low, high, isLog) => {
  if (isLog) {
    const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const step = Math.max(1, Math.ceil((last - first) / 7));
    const list = [];
    for (let power = first; power <= last; power += step) list.push(10 ** power);
    if (list.length > 1) return list;
  }
  const rough = (high - low) / 6;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((size) => size >= rough) ?? rough;
  const list = [];
  for (let place = Math.ceil(low / step); place <= high / step && list.length < 30; place += 1) list.push(place * step);
  return list;
};

let charts = 0;
/**
 * A chart of curves that can be zoomed and read: `lines` are `{ points, className, name, index, run, end }`,
 * points `[x, y]`, or `[x, y, highest]` for bands above the line. Gives a function that draws other lines.
 */
function chart(host, label, xTitle) {
  const [width, height, left, bottom] = [880, 320, 70, 36];
  const [right, top] = [width - 10, 8];
  const clip = `clip-${charts += 1}`;
  let [lines, yTitle, view, isLog] = [[], "", null, null];
  const log = make("input", { type: "checkbox", onchange: () => { isLog = log.checked; view = null; draw(); } });
  const logX = make("input", { type: "checkbox", onchange: () => { view = null; draw(); } });
  const back = button("Whole range", () => { view = null; draw(); });
  const closer = (factor) => () => {
    const shrink = ([a, b]) => [a + (b - a) * (1 - factor) / 2, b - (b - a) * (1 - factor) / 2];
    view = { x: shrink(range.x), y: shrink(range.y) };
    draw();
  };
  const plot = make("div", { class: "plot scroll", tabindex: 0, role: "region", "aria-label": label });
  host.append(make("div", { class: "tools" }, make("label", {}, log, "logarithmic"), make("label", {}, logX, `logarithmic ${xTitle}s`),
    button("Closer", closer(0.6)), button("Further", closer(1 / 0.6)), back,
    make("span", { class: "note" }, "Drag to zoom.")), plot);
  // Ranges and positions are in the axes' own units, logarithms where the axis is one.
  let range, toX, toY;
  const unitX = (x) => (logX.checked ? Math.log10(x + 1) : x);
  const unitY = (y) => (log.checked ? (y > 0 ? Math.log10(y) : NaN) : y);

  function draw() {
    const ys = lines.flatMap((entry) => entry.points.flatMap((point) => point.slice(1))).filter(Number.isFinite);
    const [low, high] = [ys.reduce((a, b) => Math.min(a, b), Infinity), ys.reduce((a, b) => Math.max(a, b), -Infinity)];
    log.checked = isLog ?? (low > 0 && high / low > 20);
    const spread = (values) => {
      const finite = values.filter(Number.isFinite);
      const [a, b] = [finite.reduce((x, y) => Math.min(x, y), Infinity), finite.reduce((x, y) => Math.max(x, y), -Infinity)];
      const room = b > a ? (b - a) * 0.04 : Math.abs(a) * 0.1 || 1;
      return finite.length ? [a - room, b + room] : [0, 1];
    };
    const xs = lines.flatMap((entry) => entry.points.map((point) => unitX(point[0])));
    range = view ?? { x: spread(xs), y: spread(ys.map(unitY)) };
    back.disabled = !view;
    toX = (x) => left + (unitX(x) - range.x[0]) / (range.x[1] - range.x[0]) * (right - left);
    toY = (y) => height - bottom - (unitY(y) - range.y[0]) / (range.y[1] - range.y[0]) * (height - bottom - top);
    const grid = [];
    const inverse = (value, isLogarithmic, shift) => (isLogarithmic ? 10 ** value - shift : value);
    const [xLow, xHigh] = range.x.map((value) => Math.max(inverse(value, logX.checked, 1), logX.checked ? 1 : -Infinity));
    for (const x of ticks(xLow, xHigh, logX.checked)) {
      grid.push(make("path", { class: "grid", d: `M${toX(x)} ${top}V${height - bottom}` }),
        make("text", { class: "tick middle", x: toX(x), y: height - bottom + 14 }, words(x)));
    }
    const [yLow, yHigh] = range.y.map((value) => inverse(value, log.checked, 0));
    for (const y of ticks(yLow, yHigh, log.checked)) {
      grid.push(make("path", { class: "grid", d: `M${left} ${toY(y)}H${right}` }),
        make("text", { class: "tick end", x: left - 5, y: toY(y) + 3.5 }, words(+y.toPrecision(3))));
    }
    // What is infinite, or below a logarithmic axis, leaves the frame.
    const place = (y) => (Number.isNaN(y) ? null : Math.min(Math.max(Number.isFinite(unitY(y)) ? toY(y) : y > 0 ? -9e3 : 9e3, -9e3), 9e3));
    const outline = (list, part) => list.map((point) => `${toX(point[0]).toFixed(1)} ${place(point[part]).toFixed(1)}`).join("L");
    const paths = lines.map((entry) => {
      const known = entry.points.filter((point) => place(point[1]) !== null);
      entry.path = make("path", { class: entry.className, d: known.length ? `M${outline(known, 1)}` : "" });
      const group = make("g", {}, entry.path);
      if (known[0]?.length > 2) {
        const colour = entry.className.match(/\bc(\S+)/)?.[1] ?? "-rest";
        group.prepend(make("path", { class: `b f${colour}`, d: `M${outline(known, 1)}L${outline([...known].reverse(), 2)}Z` }));
      }
      const last = entry.end && entry.points.findLast((point) => Number.isFinite(unitY(point[1])));
      if (last) {
        const [x, y] = [toX(last[0]), toY(last[1])];
        group.append(make("path", { class: `x ${entry.className.replace(/^l |d\d/g, "")}`, d: `M${x - 4} ${y - 4}l8 8m0-8l-8 8` }));
      }
      return group;
    });
    const svg = make("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
      make("clipPath", { id: clip }, make("rect", { x: left, y: top, width: right - left, height: height - bottom - top })),
      make("rect", { class: "paper", width, height }), ...grid,
      make("rect", { class: "frame", x: left, y: top, width: right - left, height: height - bottom - top }),
      make("g", { "clip-path": `url(#${clip})`, class: "lines" },
        ...paths),
      make("text", { class: "axis middle", x: (left + right) / 2, y: height - 5 }, xTitle),
      make("text", { class: "axis middle", transform: `translate(12 ${(height - bottom) / 2}) rotate(-90)` }, yTitle));
    pointer(svg);
    plot.replaceChildren(svg);
  }

  function pointer(svg) {
    let [start, box] = [null, null];
    svg.addEventListener("pointerdown", (event) => { if (event.button === 0) start = position(svg, event); });
    svg.addEventListener("pointermove", (event) => {
      const [x, y] = position(svg, event);
      if (start && Math.hypot(x - start[0], y - start[1]) > 8) {
        box ??= svg.appendChild(make("rect", { class: "zoom" }));
        const sides = { x: Math.min(x, start[0]), y: Math.min(y, start[1]), width: Math.abs(x - start[0]), height: Math.abs(y - start[1]) };
        for (const [name, value] of Object.entries(sides)) box.setAttribute(name, value);
        return hideTip();
      }
      nearest(x, y, event);
    });
    svg.addEventListener("pointerup", (event) => {
      const [x, y] = position(svg, event);
      if (box && start) {
        const units = (a, b, size, [low, high], origin) => [a, b].map((place) => low + (place - origin) / size * (high - low));
        const flip = (place) => height - bottom - place + top;
        view = {
          x: units(...[x, start[0]].sort((a, b) => a - b), right - left, range.x, left),
          y: units(...[flip(y), flip(start[1])].sort((a, b) => a - b), height - bottom - top, range.y, top),
        };
        return draw();
      }
      start = null;
      const found = nearest(x, y, event);
      if (found?.run) location.hash = found.run.hash;
    });
    svg.addEventListener("pointerleave", () => { hideTip(); start = null; box?.remove(); box = null; });
  }

  function nearest(px, py, event) {
    let best = null;
    for (const entry of lines) {
      for (const point of entry.points) {
        const across = Math.abs(toX(point[0]) - px);
        if (across > 40) continue;
        const distance = Math.hypot(across, toY(point[1]) - py);
        if (distance < (best?.distance ?? 40)) best = { entry, point, distance };
      }
    }
    for (const entry of lines) entry.path.classList.toggle("near", entry === best?.entry);
    if (!best) return hideTip();
    const { entry, point } = best;
    showTip(event, line(...sign(entry.index), make("b", {}, entry.name)),
      line(`${xTitle} ${words(Math.round(point[0]))}: ${yTitle} ${words(point[1])}${point.length > 2 ? `, at most ${words(point[2])}` : ""}`), entry.run ? line(ending(entry.run)) : "");
    return entry;
  }

  return (newLines, title) => { [lines, yTitle, view] = [newLines, title, null]; draw(); };
}

const TITLES = { loss: "training loss", gradient: "gradient norm", "gradient norm": "gradient norm" };
/** A run as a line, in a chart of many without the band up to its highest values. */
const lineOf = (run, kind, isOneOfMany) => {
  const index = number.get(run.method);
  const list = points(run, kind).map((point) => (isOneOfMany ? point.slice(0, 2) : point));
  return { points: list, className: methods[index]?.line ?? "l c0", name: run.key, index, run, end: isBad(run) };
};

// MARK: All runs

function explorer() {
  const most = 120;
  const host = $("#explorer");
  const choice = (label, names, all) => {
    const select = make("select", { "aria-label": label, onchange: () => refresh() },
      ...(all ? [make("option", { value: "" }, all)] : []), ...names.map((name) => make("option", { value: name }, name)));
    return select;
  };
  const names = (key) => [...new Set(runs.map((run) => run[key]))];
  const problem = choice("Problem", D.problems);
  const parts = names("part");
  const part = choice("Which runs", parts, "all rates");
  part.value = ["tuned rate", "chosen rate"].find((name) => parts.includes(name)) ?? "";
  const outcome = choice("Outcome", names("outcome"), "any outcome");
  const kind = choice("Quantity", ["loss", "gradient norm"]);
  const search = make("input", { type: "search", placeholder: "Filter runs, such as adam seed=3", "aria-label": "Filter runs", oninput: () => refresh() });
  const count = make("span", { class: "note", role: "status" });
  host.append(make("div", { class: "tools" }, ...(D.problems.length > 1 ? [problem] : []), part, outcome, search, kind, count));
  const drawn = make("div");
  host.append(drawn);
  const draw = chart(drawn, "Curves of the runs chosen above", "step");
  const columns = D.columns.map((column) => column.key).filter((key) => key !== "problem" && key !== "part");
  const isNumber = new Set(D.columns.filter((column) => column.numbers).map((column) => column.key));
  const body = make("tbody");
  const heads = ["run", ...columns].map((key) => make("th", { scope: "col", class: isNumber.has(key) && "n" }, title(key)));
  host.append(make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table of the runs chosen above" },
    make("table", {}, make("thead", {}, make("tr", {}, ...heads)), body)));
  const more = button("Show more runs", () => rows(200));
  host.append(more);
  let chosen = [];
  let order = null;
  sortable(heads, (column, isDown) => {
    const name = ["key", ...columns][column];
    order = (a, b) => {
      const [x, y] = [a[name] ?? NaN, b[name] ?? NaN];
      return Number.isNaN(x) || Number.isNaN(y) ? compare(x, y) : (isDown ? -1 : 1) * compare(x, y);
    };
    refresh();
  });
  function rows(number) {
    const from = body.rows.length;
    body.append(...chosen.slice(from, from + number).map((run) => make("tr", { class: isBad(run) && "failed" },
      make("td", {}, make("a", { href: run.hash }, run.key)),
      ...columns.map((key) => make("td", { class: isNumber.has(key) ? "n" : key === "outcome" && isBad(run) && "bad" },
        isNumber.has(key) ? words(run[key]) : run[key])))));
    more.hidden = body.rows.length >= chosen.length;
  }
  function refresh() {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    chosen = runs.filter((run) => (D.problems.length < 2 || run.problem === problem.value)
      && (!part.value || run.part === part.value) && (!outcome.value || run.outcome === outcome.value)
      && !hidden.has(number.get(run.method)) && wanted.every((word) => run.key.toLowerCase().includes(word)));
    if (order) chosen.sort(order);
    body.replaceChildren();
    rows(60);
    count.textContent = `${chosen.length} of ${runs.length} runs${chosen.length > most ? `; curves of the first ${most}` : ""}`;
    draw(chosen.slice(0, most).map((run) => lineOf(run, kind.value === "loss" ? "loss" : "gradient", true)), TITLES[kind.value]);
  }
  redraws.push(refresh);
}

// MARK: One run

function showRun(run) {
  const host = $("#run");
  const facts = D.columns.map((column) => column.key).filter((key) => key !== "part" && run[key] != null && run[key] !== "").map((key) =>
    make("div", {}, make("dt", {}, title(key)), make("dd", {}, typeof run[key] === "number" ? words(run[key]) : run[key])));
  const near = runs.filter((other) => other !== run && other.problem === run.problem && other.method === run.method
    && other.learning_rate === run.learning_rate && other.part === run.part);
  const link = (other, text) => (other ? [make("a", { href: other.hash }, text), " · "] : []);
  host.replaceChildren(make("h3", { tabindex: -1 }, `Run ${run.key}`),
    make("p", {}, make("strong", { class: isBad(run) && "bad" }, ending(run).replace(/^./, (c) => c.toUpperCase())), `. ${run.problem}, ${run.part}.`),
    make("p", { class: "note" }, ...link(runs[run.index - 1], "← previous run"), ...link(runs[run.index + 1], "next run →"),
      ...near.slice(0, 12).flatMap((other) => link(other, `seed ${other.seed}`)), make("a", { href: "#runs" }, "all runs")),
    make("dl", { class: "facts" }, ...facts));
  for (const kind of ["loss", "gradient"]) {
    if (!D[kind][run.index]) continue;
    host.append(make("h4", {}, kind === "loss" ? "Loss" : "Norm of the gradient before clipping"));
    const grey = near.slice(0, 20).map((other) => ({ ...lineOf(other, kind, true), className: "l others" }));
    chart(host, `${TITLES[kind]} of the run ${run.key}`, "step")([...grey, lineOf(run, kind)], TITLES[kind]);
  }
  host.append(make("p", { class: "note" }, "Where steps are taken together, the line is the median of their losses, the band goes up to the highest, and the norm is the highest. Grey: the other seeds at this rate. ✗: the run failed."));
  const flight = flights.get(run.index);
  if (flight) host.append(...flightTables(flight));
  host.hidden = false;
  host.scrollIntoView();
  $("h3", host).focus({ preventScroll: true });
}

/** What the flight recorder kept of the last steps: norms of each tensor. */
function flightTables(flight) {
  const [gradient, update] = [unpack(flight.gradient), unpack(flight.update)];
  const table = (values) => make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Norms of the last steps" },
    make("table", {},
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Tensor"), ...flight.steps.map((step) => make("th", { scope: "col", class: "n" }, `step ${step}`)))),
      make("tbody", {}, ...flight.tensors.map((tensor, place) => make("tr", {}, make("th", { scope: "row" }, tensor),
        ...flight.steps.map((_, step) => {
          const value = values[step * flight.tensors.length + place];
          return make("td", { class: Number.isFinite(value) ? "n" : "n bad" }, Number.isNaN(value) ? "NaN" : words(+value.toPrecision(3)));
        }))))));
  return [make("h4", {}, "Last steps: gradient norm by tensor"), table(gradient), make("h4", {}, "Last steps: update norm by tensor"), table(update)];
}

function follow() {
  if (!location.hash.startsWith("#run-")) return;
  let wanted = location.hash;
  try { wanted = decodeURIComponent(wanted); } catch { /* A broken escape names no run. */ }
  const run = byHash.get(wanted);
  if (run) showRun(run);
}

// MARK: Start

if ($("#methods")) methodList();
$$("main .scroll > table").forEach(table);
$$("main svg.chart").forEach(picture);
if (runs.length) explorer();
if ($("#methods")) showMethods();
if (matchMedia("(max-width: 60rem)").matches) $$(".side details").forEach((part) => { part.open = false; });
addEventListener("beforeprint", () => $$("main details").forEach((part) => { part.open = true; }));
addEventListener("hashchange", follow);
follow();
