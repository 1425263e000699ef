// What a reader does with the page: choose methods, sort and filter tables, read values off pictures, look
// at single runs. The page stands without it; it makes no request, and draws only what the page holds.
"use strict";
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** An element with attributes and children; texts are texts, never markup. */
const NAMES = new Set(["svg", "g", "path", "rect", "circle", "text", "clipPath"]);
function make(name, attributes = {}, ...children) {
  const element = NAMES.has(name)
    ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}
const button = (text, onclick) => make("button", { type: "button", class: "plain", onclick }, text);

/** A number to four digits, as the tables write it. */
function words(value) {
  if (value === null || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return `${value}`;
  const size = Math.abs(value);
  const rounded = +value.toPrecision(4);
  return size >= 1e-4 && size < 1e6 ? `${rounded}` : rounded.toExponential().replace("e+", "e");
}

// MARK: Methods, shown or hidden everywhere at once

const hidden = new Set();
const methods = $$("#methods [data-method]").map((label) => ({
  label, box: $("input", label), name: label.textContent, sign: $(".sign", label),
  line: $(".l", label).getAttribute("class"),
}));
const number = new Map(methods.map((method, index) => [method.name, index]));
const rules = document.head.appendChild(make("style"));
const redraws = [];

function showMethods() {
  methods.forEach((method, index) => { method.box.checked = !hidden.has(index); });
  rules.textContent = hidden.size
    ? [...hidden].map((index) => `[data-m="${index}"]`).join() + "{display:none}" : "";
  $("#methods .count").textContent = `${methods.length - hidden.size} of ${methods.length}`;
  for (const redraw of redraws) redraw();
}

function methodList() {
  const search = make("input", { type: "search", placeholder: "Find a method", "aria-label": "Find a method" });
  const matches = (method) => method.name.toLowerCase().includes(search.value.trim().toLowerCase());
  const only = (test) => {
    methods.forEach((method, index) => (test(method) ? hidden.delete(index) : hidden.add(index)));
    showMethods();
  };
  search.addEventListener("input", () => methods.forEach((method) => { method.label.hidden = !matches(method); }));
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") only(matches); });
  $("#methods .tools").append(
    search, button("Only these", () => only(matches)), button("All", () => only(() => true)),
    button("None", () => only(() => false)));
  methods.forEach((method, index) => {
    method.box.addEventListener("change", () => {
      if (method.box.checked) hidden.delete(index); else hidden.add(index);
      showMethods();
    });
    method.label.addEventListener("dblclick", () => only((other) => other === method));
    method.label.title = "Double click: only this one";
  });
}

// MARK: Tables

/** What a cell is sorted by: its first number, failures last, nothing after that. */
function key(text) {
  const plain = text.replaceAll(",", "").replaceAll("−", "-").trim();
  if (plain === "–" || plain === "") return NaN;
  if (/^(failed|never|∞)/.test(plain)) return Infinity;
  const found = plain.match(/^(?:p\s*[=<]\s*|✗\s*)?([-+]?\d*\.?\d+(?:e[-+]?\d+)?)/);
  return found ? +found[1] : plain.toLowerCase();
}
function compare(a, b) {
  const [none, other] = [Number.isNaN(a), Number.isNaN(b)];
  if (none || other) return none - other;
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === "number" ? -1 : 1;
}

/** Makes heads into buttons; `sort(column, isDown)` puts the rows in order. */
function sortable(heads, sort) {
  heads.forEach((head, column) => {
    const press = make("button", { type: "button", onclick: () => {
      const isDown = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
      sort(column, isDown);
    } }, ...head.childNodes);
    head.replaceChildren(press);
  });
}

function table(element) {
  const body = element.tBodies[0];
  const rows = [...body.rows];
  if (rows.length < 2) return;
  sortable([...element.tHead.rows[0].cells], (column, isDown) => {
    const keyed = rows.map((row, index) => ({ row, index, key: key(row.cells[column].textContent) }));
    keyed.sort((a, b) => (Number.isNaN(a.key) || Number.isNaN(b.key) ? compare(a.key, b.key)
      : (isDown ? -1 : 1) * compare(a.key, b.key)) || a.index - b.index);
    body.append(...keyed.map((entry) => entry.row));
  });
  if (rows.length < 8) return;
  const status = make("span", { class: "note", role: "status" });
  const filter = make("input", { type: "search", placeholder: "Filter rows", "aria-label": "Filter rows" });
  filter.addEventListener("input", () => {
    const parts = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !parts.every((part) => text.includes(part));
      if (!row.hidden) shown += 1;
    }
    status.textContent = parts.length ? `${shown} of ${rows.length} rows` : "";
  });
  element.parentElement.before(make("div", { class: "tools" }, filter, status));
}

// MARK: The note beside the pointer

const tip = $("#tip");
function showTip(event, ...content) {
  tip.replaceChildren(...content);
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = event.clientX + 16 + box.width > innerWidth ? event.clientX - box.width - 12 : event.clientX + 16;
  const top = Math.min(event.clientY + 14, innerHeight - box.height - 6);
  tip.style.left = `${Math.max(4, left)}px`;
  tip.style.top = `${Math.max(4, top)}px`;
}
const hideTip = () => { tip.hidden = true; };
const line = (...content) => make("div", {}, ...content);
const sign = (index) => (methods[index] ? [methods[index].sign.cloneNode(true)] : []);

/** Where the pointer is in the units of the picture. */
function position(svg, event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  return [point.x, point.y];
}
const attribute = (element, name) => +element.getAttribute(name);

/** What a place on an axis stands for. */
function axis(text) {
  const [low, high, scale] = text.split(" ");
  const [a, b] = [+low, +high];
  return scale ? (share) => 10 ** (Math.log10(a) + share * (Math.log10(b) - Math.log10(a)))
    : (share) => a + share * (b - a);
}

/** Values of the curves of a panel under the pointer. */
function plotTip(svg, pane, frame, event) {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => attribute(frame, name));
  const [px, py] = position(svg, event);
  if (px < x || px > x + width || py < y - 60 || py > y + height) return hideTip();
  const [across, up] = [axis(frame.dataset.x), axis(frame.dataset.y)];
  const found = [];
  for (const path of $$("g[data-m] > path.l", pane)) {
    const index = +path.parentElement.dataset.m;
    if (hidden.has(index)) continue;
    path.points ??= path.getAttribute("d").slice(1).split("L").map((pair) => pair.split(" ").map(Number));
    const nearest = path.points.reduce((a, b) => (Math.abs(b[0] - px) < Math.abs(a[0] - px) ? b : a));
    found.push({ index, at: nearest, distance: Math.abs(nearest[1] - py) });
  }
  if (!found.length) return hideTip();
  found.sort((a, b) => a.distance - b.distance);
  const nearest = found[0];
  $$("g[data-m]", svg).forEach((group) => group.classList.toggle("near", +group.dataset.m === nearest.index));
  svg.classList.add("dim");
  const shown = found.slice(0, 8).sort((a, b) => a.at[1] - b.at[1]);
  const value = (entry) => (+up((y + height - entry.at[1]) / height).toPrecision(3)).toString();
  const where = (+across((nearest.at[0] - x) / width).toPrecision(3)).toString();
  showTip(event, line(`${svg.dataset.xTitle} ${where}`), ...shown.map((entry) =>
    line(...sign(entry.index), entry === nearest ? make("b", {}, `${methods[entry.index].name}: ${value(entry)}`)
      : `${methods[entry.index].name}: ${value(entry)}`)));
}

/** The run of a square of a map; nil beside them. */
function squareRun(svg, cells, event) {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => attribute(cells, name));
  const [px, py] = position(svg, event);
  const [rates, seeds] = [cells.dataset.rates.split(","), cells.dataset.seeds.split(",")];
  const [column, row] = [Math.floor((px - x) / width * rates.length), Math.floor((py - y) / height * seeds.length)];
  if (!rates[column] || !seeds[row]) return undefined;
  const problem = D.problems[+svg.dataset.problem];
  const name = methods[+cells.closest("[data-m]").dataset.m].name;
  const rate = +rates[column];
  return runs.find((run) => run.problem === problem && run.method === name && run.seed === +seeds[row]
    && Math.abs(run.learning_rate - rate) <= 0.006 * rate);
}

function picture(svg) {
  svg.addEventListener("pointermove", (event) => {
    const pane = event.target.closest(".pane");
    const frame = pane && $(".frame[data-x]", pane);
    const cells = pane && $(".cells", pane);
    if (frame) plotTip(svg, pane, frame, event);
    else if (cells && svg.dataset.problem) {
      const run = squareRun(svg, cells, event);
      if (run) showTip(event, line(make("b", {}, run.key)), line(ending(run))); else hideTip();
    } else {
      const group = event.target.closest("[data-m]");
      const title = $("title", event.target)?.textContent;
      if (group) showTip(event, line(title ?? methods[+group.dataset.m].name)); else hideTip();
    }
  });
  svg.addEventListener("pointerleave", () => {
    hideTip();
    svg.classList.remove("dim");
  });
  svg.addEventListener("click", (event) => {
    const cells = svg.dataset.problem && event.target.closest(".pane")?.querySelector(".cells");
    const run = cells && squareRun(svg, cells, event);
    if (run) location.hash = run.hash;
  });
}
