// The page: the stream, the time, the charts and the load.

import { Chart } from "./chart.js";
import { groups } from "./figures.js";

const kept = 310_000; // milliseconds of points, a little more than the longest view
const delay = 1250; // how far a view is behind, so that the next sample is there when it comes into view
const silence = 10_000; // after which a stream counts as lost; figures come every second
const pause = 3000; // before a page asks again that was answered with something else than a stream
const frameTime = 30; // milliseconds between two pictures, at least

const state = document.getElementById("state");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

// The samples and the charts of each topic.
const topics = new Map();
for (const group of groups) topics.set(group.topic, build(group));
const charts = [...topics.values()].flatMap((topic) => topic.charts);

function build({ topic, title, source, facts, charts }) {
  const section = document.getElementById("group").content.cloneNode(true).firstElementChild;
  section.dataset.topic = topic;
  section.querySelector("h2").textContent = title;
  section.querySelector("code").textContent = source;
  const built = charts.map((definition) => new Chart(definition));
  section.querySelector(".charts").append(...built.map((chart) => chart.element));
  const shown = facts.map(([label, name, format]) => {
    const pair = document.createElement("div");
    const term = document.createElement("dt");
    const value = document.createElement("dd");
    term.textContent = label;
    value.textContent = "–";
    pair.append(term, value);
    section.querySelector("dl").append(pair);
    return (sample) => (value.textContent = format(sample[name]));
  });
  document.getElementById("groups").append(section);
  return { charts: built, facts: shown, last: undefined };
}

// add takes a sample of a topic, unless it is known: the history and what
// follows it overlap, and so does the history after a reconnection with what
// the page has.
function add(name, sample) {
  const topic = topics.get(name);
  if (!topic || (topic.last && sample.at <= topic.last.at)) return;
  for (const chart of topic.charts) {
    chart.add(sample, topic.last);
    chart.forget(sample.at - kept);
  }
  topic.last = sample;
  clock.see(sample.at);
}

// addHistory takes the columns of all topics.
function addHistory(columns) {
  for (const [name, { at, ...others }] of Object.entries(columns)) {
    const names = Object.keys(others);
    at.forEach((time, i) => add(name, { at: time, ...Object.fromEntries(names.map((n) => [n, others[n][i]])) }));
  }
}

// The time of the server, as far as the page knows it.
const clock = {
  newest: 0, // the time of the newest sample
  ahead: undefined, // how far the server's clock is ahead of performance.now()
  see(at) {
    const ahead = at - performance.now();
    // A sample that was long on its way says less than one that came at once.
    const same = this.ahead !== undefined && Math.abs(ahead - this.ahead) < 2000;
    this.ahead = same ? Math.max(ahead, this.ahead - 5) : ahead;
    this.newest = at;
  },
  // now returns the end of the view. It stands still when nothing comes.
  now() {
    if (calm.matches || this.ahead === undefined) return this.newest;
    return Math.min(this.newest, this.ahead + performance.now() - delay);
  },
};

let span = 60_000;
let looking; // where the pointer is in a chart, from 0 at the left edge to 1
let changed = true; // whether there is something to draw besides the motion
let drawnAt = 0;

const view = () => ({ end: clock.now(), span });

function draw(now) {
  requestAnimationFrame(draw);
  if (now - drawnAt < frameTime || (calm.matches && !changed)) return;
  const ease = calm.matches ? 1 : 1 - Math.exp(-(now - drawnAt) / 90);
  const shown = view();
  const time = looking === undefined ? undefined : shown.end - span * (1 - looking);
  for (const chart of charts) {
    chart.draw(shown, ease);
    if (changed || time !== undefined) chart.read(shown, time);
  }
  drawnAt = now;
  changed = false;
}

// tell updates what is there to be read rather than seen.
function tell() {
  changed = true;
  const shown = { end: clock.newest, span };
  for (const topic of topics.values()) {
    if (topic.last) topic.facts.forEach((show) => show(topic.last));
  }
  for (const chart of charts) chart.describe(shown);
  if (table.open) fillTable(charts.flatMap((chart) => chart.summary(shown)));
}

// fillTable changes the texts of the rows, which stay the same elements: a
// person may be reading them.
function fillTable(summaries) {
  const body = table.querySelector("tbody");
  summaries.forEach(({ name, texts }, i) => {
    const row = body.rows[i] ?? body.insertRow();
    if (row.cells.length === 0) {
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = name;
      row.append(head);
      for (const _ of texts) row.insertCell();
    }
    texts.forEach((text, j) => (row.cells[j + 1].textContent = text));
  });
}

// The stream. EventSource reconnects by itself, except after a response that is
// no stream, and does not notice a server that has gone without a word.
let source;
let heardAt = 0;

const said = { connecting: "connecting", open: "live", lost: "connection lost, trying again" };

function show(name) {
  if (state.dataset.state !== name) {
    state.dataset.state = name;
    state.textContent = said[name];
  }
  document.body.classList.toggle("away", name === "lost");
}

function connect() {
  source?.close();
  source = new EventSource("events");
  heardAt = performance.now();
  source.onerror = () => show("lost");
  const listen = (type, take) => source.addEventListener(type, ({ data }) => {
    heardAt = performance.now();
    show("open");
    take(JSON.parse(data));
    tell();
  });
  listen("history", addHistory);
  for (const name of topics.keys()) listen(name, (sample) => add(name, sample));
}

setInterval(() => {
  const patience = source.readyState === EventSource.CLOSED ? pause : silence;
  if (performance.now() - heardAt < patience) return;
  show("lost");
  connect();
}, 1000);

// The load.
const answer = document.getElementById("load-said");
for (const button of document.querySelectorAll("[data-load]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const response = await fetch(`load/${button.dataset.load}`, { method: "POST" });
      answer.textContent = await response.text();
      answer.toggleAttribute("data-refused", !response.ok);
    } catch {
      answer.textContent = "The server does not answer.";
      answer.toggleAttribute("data-refused", true);
    }
    button.disabled = false;
  });
}

// What a person does to the charts.
const table = document.getElementById("table");
table.addEventListener("toggle", tell);
for (const input of document.querySelectorAll("[name=span]")) {
  input.addEventListener("change", () => {
    span = Number(input.value) * 1000;
    tell();
  });
}
for (const { plot } of charts) {
  plot.addEventListener("pointermove", (event) => {
    const { left, width } = plot.getBoundingClientRect();
    looking = (event.clientX - left) / width;
    changed = true;
  });
  for (const type of ["pointerleave", "pointercancel"]) {
    plot.addEventListener(type, () => {
      looking = undefined;
      changed = true;
    });
  }
}
const sizes = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    charts.find(({ plot }) => plot === target).resize(contentRect.width, contentRect.height);
  }
  changed = true;
});
for (const { plot } of charts) sizes.observe(plot);

document.getElementById("curl").textContent = `curl -N ${location.origin}/events`;
connect();
requestAnimationFrame(draw);
