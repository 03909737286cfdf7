const element = (id) => document.getElementById(id);
const RULES = JSON.parse(element("rules").textContent);
const TEXT = JSON.parse(element("text").textContent);
const NAMES = ["g", "zhat", "order", "N"];
const POINTS = 121;
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [360, 240, 46, 34, 10];

const modules = new Map();
function seriesOf(order) {
  if (!modules.has(order)) {
    const source = element(`series-${order}`).textContent;
    modules.set(order, import(URL.createObjectURL(new Blob([source], { type: "text/javascript" }))));
  }
  return modules.get(order);
}

function settings() {
  const value = Object.fromEntries(NAMES.map((name) => [name, Number(element(name).value)]));
  return { ...value, N: 2 ** value.N };
}

const shown = (x, digits = 7) => (Math.abs(x) > 0 && Math.abs(x) < 1e-4 ? x.toExponential(digits - 1) : x.toPrecision(digits));

// A link like #g=0.6&zhat=2&order=5&N=1024. What is outside the model is refused with a sentence.
function fromLink() {
  const given = new URLSearchParams(location.hash.slice(1));
  const wrong = [];
  for (const [name, text] of given) {
    const input = NAMES.includes(name) ? element(name) : null;
    const [low, high] = input ? [input.min, input.max].map((x) => (name === "N" ? 2 ** x : Number(x))) : [0, 0];
    const number = Number(text);
    if (!input) wrong.push(`${name} is no setting: allowed are ${NAMES.join(", ")}.`);
    else if (text.trim() === "" || !(number >= low && number <= high)) {
      wrong.push(`${name} = ${text}: this page has ${name} from ${low} to ${high}` +
        (name === "g" ? " (the theory needs g < 1)." : "."));
    } else {
      input.value = name === "N" ? Math.round(Math.log2(number)) : number;
      const taken = settings()[name];
      if (taken !== number) wrong.push(`${name} = ${text}: the slider has steps, ${taken} is shown.`);
    }
  }
  element("problem").textContent = wrong.join(" ");
  element("problem").hidden = wrong.length === 0;
}

function link({ g, zhat, order, N }) {
  return `#g=${g}&zhat=${zhat}&order=${order}&N=${N}`;
}

function svg(name, attributes, parent) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent?.append(node);
  return node;
}

function ticks(low, high) {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((x) => x * power).find((x) => x >= rough);
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high * (1 + 1e-9); k++) found.push(Number((k * step).toPrecision(12)));
  return found;
}

// One panel: exact lines, series, band, and the radius of convergence, all over ttilde.
function panel(title, ttilde, lines, radius, band) {
  const exact = lines.filter((line) => line.kind !== "series").flatMap((line) => line.values);
  const [least, most] = [Math.min(0, ...exact), Math.max(...exact)];
  const room = 0.6 * (most - least); // for the band, which may be wider than the curve is high
  const reach = Math.min(most + room, Math.max(most, ...(band ? band.high : [])));
  const floor = Math.max(least - room, Math.min(least, ...(band ? band.low : [])));
  const spoken = `${title} over effective learning time ttilde from 0 to ${shown(ttilde[ttilde.length - 1], 3)}, ` +
    `exact: from ${shown(exact[0], 4)} to ${shown(lines[0].values[ttilde.length - 1], 4)}`;
  const [low, high] = [floor, floor + (reach - floor) * 1.15 || 1];
  const x = (t) => LEFT + ((WIDTH - LEFT - 8) * t) / ttilde[ttilde.length - 1];
  const y = (v) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * (v - low)) / (high - low);
  const clipped = (v) => Math.max(TOP - 40, Math.min(HEIGHT + 40, y(v)));
  const figure = document.createElement("figure");
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": spoken }, figure);
  const frame = svg("clipPath", { id: `clip-${title.split(" ")[0]}` }, svg("defs", {}, picture));
  svg("rect", { x: LEFT, y: TOP, width: WIDTH - LEFT - 8, height: HEIGHT - BOTTOM - TOP }, frame);
  const inside = svg("g", { "clip-path": `url(#${frame.id})` }, picture);
  const path = (values) => values.map((v, i) => `${i ? "L" : "M"}${x(ttilde[i]).toFixed(2)} ${clipped(v).toFixed(2)}`).join("");
  if (band) {
    const back = band.low.map((v, i) => `L${x(ttilde[i]).toFixed(2)} ${clipped(v).toFixed(2)}`).reverse().join("");
    svg("path", { class: "band", d: `${path(band.high)}${back}Z` }, inside);
  }
  if (radius < ttilde[ttilde.length - 1]) svg("line", { class: "radius", x1: x(radius), x2: x(radius), y1: TOP, y2: HEIGHT - BOTTOM }, inside);
  for (const { kind, values } of lines) svg("path", { class: kind, d: path(values.filter(Number.isFinite)) }, inside);
  svg("path", { class: "axis", d: `M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - 8}` }, picture);
  for (const t of ticks(0, ttilde[ttilde.length - 1])) {
    svg("text", { x: x(t), y: HEIGHT - BOTTOM + 14, "text-anchor": "middle" }, picture).textContent = t;
  }
  for (const v of ticks(low, high)) {
    svg("text", { x: LEFT - 5, y: y(v) + 4, "text-anchor": "end" }, picture).textContent = v;
  }
  svg("text", { x: (WIDTH + LEFT) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, picture).textContent = "effective learning time ttilde";
  const caption = document.createElement("figcaption");
  caption.textContent = title;
  figure.prepend(caption);
  return figure;
}

function numbers(columns, rows) {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const name of columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = name;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((value) => (line.insertCell().textContent = shown(value)));
  }
  return table;
}

let turn = 0;
async function draw() {
  const mine = ++turn;
  const now = settings();
  const { g, zhat, order, N } = now;
  for (const name of NAMES) {
    document.querySelector(`output[for=${name}]`).textContent = now[name];
    element(name).setAttribute("aria-valuetext", now[name]);
  }
  const rule = RULES[g.toFixed(2)];
  const scale = 1 / ((1 - g) * (1 + g)) ** 2;
  const series = await seriesOf(order);
  const learned = timeTo(rule, zhat, 0.05, 5 / scale);
  const last = 1.6 * learned;
  const tau = Array.from({ length: POINTS }, (_, i) => (last * i) / (POINTS - 1));
  const ttilde = tau.map((t) => t * scale);
  const radius = series.radius(zhat, g);
  const printed = {
    readout: tau.map((t) => series.readout(t, zhat, g)),
    loss: tau.map((t) => series.loss(t, zhat, g)),
    singular: tau.map((t) => series.singular_values(t, zhat, g)),
  };
  const show = (exact, spread) => {
    const deviation = exact.deviation.map((x) => x / Math.sqrt(N));
    const band = (values, widths) => ({ low: values.map((v, i) => v - widths[i]), high: values.map((v, i) => v + widths[i]) });
    const panels = [
      panel("readout z", ttilde, [{ kind: "exact", values: exact.readout }, { kind: "series", values: printed.readout }], radius,
        spread && band(exact.readout, deviation)),
      panel("loss (zhat - z)^2/2", ttilde, [{ kind: "exact", values: exact.loss }, { kind: "series", values: printed.loss }], radius,
        spread && band(exact.loss, deviation.map((d, i) => d * Math.abs(zhat - exact.readout[i])))),
      panel("singular values s1, s2 of W - W0", ttilde, [
        { kind: "exact", values: exact.s1 }, { kind: "exact second", values: exact.s2 },
        { kind: "series", values: printed.singular.map((s) => s[0]) }, { kind: "series", values: printed.singular.map((s) => s[1]) }], radius),
    ];
    element("plots").replaceChildren(...panels);
    const rows = [];
    for (let i = 0; i < POINTS; i += 12) {
      rows.push([ttilde[i], exact.readout[i], printed.readout[i], exact.loss[i], exact.s1[i], exact.s2[i], ...(spread ? [deviation[i]] : [])]);
    }
    element("table").replaceChildren(numbers(
      ["ttilde", "readout", `readout, order ${order}`, "loss", "s1", "s2", ...(spread ? ["deviation of the readout"] : [])], rows));
  };
  show(course(rule, zhat, tau), false);
  element("summary").textContent =
    `5% of the loss are left at ttilde = ${shown(learned * scale, 6)}. The series converges for ttilde below ` +
    `${shown(radius, 3)}${radius < learned * scale ? ", before learning is over: more orders do not help beyond it" : ""}.` +
    (N * (1 - g) ** 2 < 10 ? " N (1 - g)^2 is below 10: the band is too small to be trusted here." : "");
  element("formulas").replaceChildren(...TEXT[order].map((text) => {
    const block = document.createElement("pre");
    block.textContent = text;
    return block;
  }));
  document.body.dataset.drawn = link(now);
  await new Promise((resolve) => setTimeout(resolve, 150));
  if (mine !== turn) return; // a slider has moved on
  show(course(rule, zhat, tau, true), true);
  document.body.dataset.complete = link(now);
}

element("settings").addEventListener("input", () => {
  element("problem").hidden = true;
  draw();
});
element("settings").addEventListener("submit", (event) => event.preventDefault());
element("share").addEventListener("click", async () => {
  const address = location.href.split("#")[0] + link(settings());
  history.replaceState(null, "", link(settings()));
  try {
    await navigator.clipboard.writeText(address);
    element("shared").textContent = "copied";
  } catch {
    element("shared").textContent = "the address bar holds it";
  }
});
window.addEventListener("hashchange", () => {
  fromLink();
  draw();
});
fromLink();
draw();
