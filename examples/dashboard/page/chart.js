// One chart: an SVG whose paths are made anew with each sample, and moved in
// between.

const gap = 3500; // milliseconds without a sample after which a line is broken
const head = 8; // pixels above the top of the scale
const foot = 17; // and below its zero, where the times are

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

const svg = (name, attributes = {}) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

// roundUp returns the next number above value that is 1, 2, 4 or 10 times a
// power of ten, and of base before that.
function roundUp(value, base) {
  const power = base ? base ** Math.floor(Math.log(value) / Math.log(base) + 1e-9) : 1;
  const ten = 10 ** Math.floor(Math.log10(value / power) + 1e-9);
  const step = [1, 2, 4, 10].find((step) => value <= step * ten * power * 1.0001);
  return step * ten * power;
}

export class Chart {
  constructor(definition) {
    this.definition = definition;
    this.points = []; // { at, values }, the oldest first; a value may be undefined
    this.scale = definition.floor; // the value at the top
    this.target = definition.floor; // where scale is on its way to
    this.stale = true; // whether the paths are those of other points or another scale
    this.width = 0;
    this.height = 0;
    this.build();
  }

  build() {
    const { title, series } = this.definition;
    this.element = document.getElementById("chart").content.cloneNode(true).firstElementChild;
    const find = (selector) => this.element.querySelector(selector);
    find("h3").textContent = title;
    this.plot = find(".plot");
    this.moving = find(".moving");
    this.marks = find(".marks");
    this.times = find(".times");
    this.grid = find(".grid");
    this.labels = find(".labels");
    this.cursor = find(".cursor");
    this.shown = series.map(({ name }, i) => {
      const second = i > 0;
      const area = second ? undefined : svg("path", { class: "area" });
      const line = svg("path", { class: second ? "line second" : "line" });
      const circle = svg("circle", { r: 3.5 });
      this.moving.append(...(area ? [area] : []), line);
      this.cursor.append(circle);

      const text = document.createElement("span");
      if (name) {
        const key = svg("svg", { "aria-hidden": "true", viewBox: "0 0 20 8" });
        key.append(svg("path", { class: line.getAttribute("class"), d: "M0 4H20" }));
        text.append(key);
      }
      const value = document.createElement("b");
      const unit = document.createElement("small");
      text.append(value, unit);
      find(".values").append(text);
      return { area, line, circle, value, unit };
    });
  }

  // add takes a sample. Before is the one before it.
  add(sample, before) {
    const known = before && sample.at - before.at < gap ? before : undefined;
    this.points.push({ at: sample.at, values: this.definition.series.map(({ read }) => read(sample, known)) });
    this.stale = true;
  }

  // forget drops the points that are older than a time.
  forget(time) {
    const first = this.points.findIndex(({ at }) => at >= time);
    if (first > 0) this.points.splice(0, first);
  }

  resize(width, height) {
    this.width = width;
    this.height = height;
    this.stale = true;
    this.cursor.querySelector("line").setAttribute("y2", this.y(0));
    this.cursor.querySelector("text").setAttribute("y", height - 5);
    this.drawGrid();
  }

  // within returns the points of a view.
  within({ end, span }) {
    return this.points.filter(({ at }) => at >= end - span && at <= end);
  }

  // at returns the point that is nearest to a time, or undefined.
  at(time) {
    let best;
    for (const point of this.points) {
      if (Math.abs(point.at - time) <= Math.abs((best?.at ?? -Infinity) - time)) best = point;
    }
    return best && Math.abs(best.at - time) < gap ? best : undefined;
  }

  y(value) {
    return this.height - foot - (value / this.scale) * (this.height - foot - head);
  }

  // draw shows the view: what lies in the span before end. Ease is how much of
  // the way to its new height a scale may go, from 0 to 1.
  draw(view, ease) {
    if (this.width === 0) return;
    const { floor, base } = this.definition;
    const values = this.within(view).flatMap(({ values }) => values).filter(Number.isFinite);
    this.target = roundUp(Math.max(floor, ...values), base);
    if (this.scale !== this.target) {
      this.scale += (this.target - this.scale) * ease;
      if (Math.abs(this.scale / this.target - 1) < 0.005) this.scale = this.target;
      this.stale = true;
    }
    if (this.stale || this.span !== view.span) {
      this.span = view.span;
      this.stale = false;
      this.drawPaths(view);
      this.drawGrid();
    }
    const shift = ((this.origin - view.end) / view.span) * this.width;
    this.moving.setAttribute("transform", `translate(${shift.toFixed(2)} 0)`);
  }

  // drawPaths makes the paths, with the newest point at the right edge.
  drawPaths({ end, span }) {
    this.origin = this.points.at(-1)?.at ?? end;
    const from = end - span - 2 * gap;
    const x = (at) => this.width - ((this.origin - at) / span) * this.width;
    const points = this.points.filter(({ at }) => at >= from);
    this.shown.forEach(({ area, line }, i) => {
      let lines = "";
      let areas = "";
      let last; // of the piece of the line that is being drawn
      const close = () => {
        if (last) areas += `V${this.y(0)}Z`;
        last = undefined;
      };
      for (const { at, values } of points) {
        if (values[i] === undefined || (last && at - last > gap)) close();
        if (values[i] === undefined) continue;
        const place = `${x(at).toFixed(1)} ${this.y(values[i]).toFixed(1)}`;
        lines += last ? `L${place}` : `M${place}h.01`;
        areas += last ? `L${place}` : `M${x(at).toFixed(1)} ${this.y(0)}L${place}`;
        last = at;
      }
      close();
      line.setAttribute("d", lines);
      area?.setAttribute("d", areas);
    });
    this.drawTimes(from, span > 60_000 ? 60_000 : 15_000, x);
  }

  // drawTimes marks each step of time since from.
  drawTimes(from, step, x) {
    let marks = "";
    const times = [];
    for (let at = Math.ceil(from / step) * step; at <= this.origin + step; at += step) {
      marks += `M${x(at).toFixed(1)} 0V${this.y(0)}`;
      const time = svg("text", { x: x(at).toFixed(1), y: this.height - 5, "text-anchor": "middle" });
      time.textContent = clock.format(at);
      times.push(time);
    }
    this.marks.setAttribute("d", marks);
    this.times.replaceChildren(...times);
  }

  drawGrid() {
    this.grid.replaceChildren();
    this.labels.replaceChildren();
    for (const value of [this.target, this.target / 2, 0]) {
      const y = Math.round(this.y(value)) + 0.5;
      this.grid.append(svg("line", { x1: 0, x2: this.width, y1: y, y2: y }));
      if (value === 0) continue;
      const label = svg("text", { x: 14, y: y + 3.5 });
      label.textContent = this.definition.format.mark(value);
      this.labels.append(label);
    }
  }

  // read shows the values at a time in the view, or the newest without one.
  read(view, time) {
    const point = time === undefined ? this.points.at(-1) : this.at(time);
    this.element.classList.toggle("looking", time !== undefined && point !== undefined);
    this.shown.forEach(({ circle, value, unit }, i) => {
      const read = point?.values[i];
      const [number, its] = read === undefined ? ["–", ""] : this.definition.format.text(read);
      const name = this.definition.series[i].name;
      value.textContent = number;
      unit.textContent = name ? `${its} ${name}` : its;
      if (time === undefined || read === undefined) {
        circle.setAttribute("visibility", "hidden");
        return;
      }
      const x = this.width - ((view.end - point.at) / view.span) * this.width;
      circle.setAttribute("visibility", "visible");
      circle.setAttribute("cx", x);
      circle.setAttribute("cy", this.y(read));
    });
    if (time !== undefined && point) this.drawCursor(this.width - ((view.end - point.at) / view.span) * this.width, point.at);
  }

  drawCursor(x, at) {
    const line = this.cursor.querySelector("line");
    const text = this.cursor.querySelector("text");
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    text.setAttribute("x", Math.min(Math.max(x, 28), this.width - 28));
    text.textContent = clock.format(at);
  }

  // summary returns a row for each series: its name and, as texts, its newest,
  // lowest, mean and highest value in the view.
  summary(view) {
    const { title, series, format } = this.definition;
    const text = (value) => (value === undefined ? "–" : format.text(value).join(" ").trim());
    return series.map(({ name }, i) => {
      const values = this.within(view).map(({ values }) => values[i]).filter(Number.isFinite);
      const mean = values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;
      const [lowest, highest] = values.length ? [Math.min(...values), Math.max(...values)] : [];
      const [now, ...rest] = [this.points.at(-1)?.values[i], lowest, mean, highest].map(text);
      return { name: name ? `${title}: ${name}` : title, texts: [now, ...rest] };
    });
  }

  // describe tells those who do not see the chart what it shows.
  describe(view) {
    const told = this.summary(view).map(({ name, texts: [now, lowest, , highest] }) => `${name}: now ${now}, lowest ${lowest}, highest ${highest}`);
    this.plot.setAttribute("aria-label", `${told.join(". ")}.`);
  }
}
