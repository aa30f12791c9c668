// What the charts show of the figures that the server sends.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

// A format makes a value two texts: the number and its unit. Its mark is the
// shorter text at a line of the scale.
function plain(unit) {
  const number = (value) => {
    if (value >= 100_000) return compact.format(value);
    return (value < 100 ? short : whole).format(Math.round(value * 100) / 100);
  };
  return { text: (value) => [number(value), unit], mark: (value) => compact.format(value) };
}

// scaled takes units that keep the number short. The list has each with its
// size.
function scaled(units, per = "") {
  const text = (value) => {
    const [unit, size] = units.findLast(([, size]) => value >= size * 0.9995) ?? units[0];
    return [short.format(value / size), unit];
  };
  return {
    text: (value) => text(value).map((part, i) => (i ? part + per : part)),
    mark: (value) => text(value).join(" "),
  };
}

const sizes = [["B", 1], ["KiB", 2 ** 10], ["MiB", 2 ** 20], ["GiB", 2 ** 30]];
const times = [["µs", 1e-6], ["ms", 1e-3], ["s", 1]];
const bytes = scaled(sizes);
const bytesPerSecond = scaled(sizes, "/s");
const time = scaled(times);
const timePerSecond = scaled(times, " a second");

// A reading makes the values of a series. Before is the sample before, or
// undefined if there is none that belongs to it.
const level = (name) => (sample) => sample[name];
const rate = (name) => (sample, before) => {
  if (!before || sample[name] < before[name]) return undefined;
  return ((sample[name] - before[name]) / (sample.at - before.at)) * 1000;
};

const duration = (value) => {
  if (value < 120) return `${whole.format(Math.floor(value))} s`;
  if (value < 7200) return `${whole.format(Math.floor(value / 60))} min`;
  return `${whole.format(Math.floor(value / 3600))} h`;
};
const count = (value) => whole.format(value);

// A chart has one or two series. Its scale goes at least to floor, and grows
// in steps that base has a round number of.
export const groups = [
  {
    topic: "streams",
    title: "Streams",
    source: "sessions.Stats()",
    facts: [
      ["opened", "opened", count], ["clients gone", "gone", count],
      ["refused", "refused", count], ["failed", "failed", count],
    ],
    charts: [
      { title: "Open streams", format: plain(""), floor: 4, series: [{ read: level("open") }] },
      { title: "Events sent", format: plain("events/s"), floor: 4, series: [{ read: rate("events") }] },
      { title: "Bytes sent", format: bytesPerSecond, floor: 1024, base: 1024, series: [{ read: rate("bytes") }] },
    ],
  },
  {
    topic: "hub",
    title: "Hub",
    source: "hub.Stats()",
    facts: [
      ["sessions", "sessions", count], ["topics", "topics", count],
      ["events in the log", "logEvents", count], ["bytes", "logBytes", bytes.mark],
      ["lagged", "lagged", count], ["missed", "missed", count],
    ],
    charts: [
      { title: "Published", format: plain("events/s"), floor: 4, series: [{ read: rate("published") }] },
      { title: "Delivered", format: plain("events/s"), floor: 4, series: [{ read: rate("delivered") }] },
      { title: "Publishers wait for clients", format: timePerSecond, floor: 1e-3, series: [{ read: rate("waited") }] },
    ],
  },
  {
    topic: "process",
    title: "Process",
    source: "runtime/metrics",
    facts: [["up", "up", duration], ["processors", "processors", count], ["collections", "cycles", count]],
    charts: [
      { title: "Processors in use", format: plain("CPU"), floor: 0.1, series: [{ read: rate("cpu") }] },
      {
        title: "Memory", format: bytes, floor: 2 ** 20, base: 1024,
        series: [{ name: "heap", read: level("heap") }, { name: "in all", read: (s) => s.mapped - s.released }],
      },
      { title: "Goroutines", format: plain(""), floor: 20, series: [{ read: level("goroutines") }] },
      {
        title: "Wait for a processor (p99), GC pause", format: time, floor: 1e-3,
        series: [{ name: "wait", read: level("wait") }, { name: "pause", read: level("pause") }],
      },
      { title: "Requests", format: plain("requests/s"), floor: 4, series: [{ read: rate("requests") }] },
      { title: "Allocated", format: bytesPerSecond, floor: 1024, base: 1024, series: [{ read: rate("allocated") }] },
    ],
  },
];
