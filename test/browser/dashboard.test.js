// The page of examples/dashboard in a real browser: charts that move, the load,
// and what happens when the server goes away.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { launch } from "./browser.js";
import { binary, start, timeout } from "./server.js";

const artifacts = path.join(import.meta.dirname, "artifacts"); // ignored by git
const charts = 12;

describe("dashboard", { timeout }, () => {
  let program, browser, server, page, complaints;

  before(async () => {
    mkdirSync(artifacts, { recursive: true });
    program = binary("DASHBOARD", "./examples/dashboard");
    server = await start(program);
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    page.setDefaultTimeout(timeout / 2);
    complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      // A browser reports every status over 399 and every server that is away.
      if (message.text().startsWith("Failed to load resource")) return;
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
  });

  afterEach(async () => {
    await page.close();
    assert.deepEqual(complaints, [], "what the browser complains of");
  });

  const chart = (title) => page.locator("article", { has: page.getByRole("heading", { name: title, exact: true }) });
  const reaches = (state) => page.locator(`#state[data-state="${state}"]`).waitFor();
  const load = (name) => page.getByRole("button", { name }).click();
  const said = (text) => page.locator("#load-said", { hasText: text }).waitFor();
  const screenshot = (name) => page.screenshot({ path: path.join(artifacts, `dashboard-${name}.png`), fullPage: true });

  // points resolves to how many points each chart has, when each has at least
  // so many.
  async function points(least) {
    const handle = await page.waitForFunction(([charts, least]) => {
      const paths = [...document.querySelectorAll("path.line:not(.second)")].filter((path) => path.closest(".moving"));
      const counts = paths.map((path) => (path.getAttribute("d") ?? "").split(/[ML]/).length - 1);
      return counts.length === charts && counts.every((count) => count >= least) && counts;
    }, [charts, least]);
    return handle.jsonValue();
  }

  // highest waits until the description of a chart says that its highest value
  // is at least so much.
  async function highest(title, least) {
    await page.waitForFunction(([title, least]) => {
      const told = [...document.querySelectorAll("svg.plot")].map((plot) => plot.getAttribute("aria-label") ?? "");
      const found = told.find((text) => text.startsWith(`${title}:`))?.match(/highest ([\d,.]+)/);
      return found && Number(found[1].replaceAll(",", "")) >= least;
    }, [title, least]);
  }

  test("the charts begin with the history, and move", async () => {
    const requested = [];
    page.on("request", (request) => requested.push(request.url().replace(server.address, "")));
    await page.goto(server.address);
    await points(3);
    await page.reload(); // now there is a history
    await reaches("open");
    const first = await points(3);
    await points(Math.max(...first) + 2);

    const before = await page.locator(".moving").first().getAttribute("transform");
    await page.waitForFunction((before) => document.querySelector(".moving").getAttribute("transform") !== before, before);

    const files = ["/", "/chart.js", "/dashboard.css", "/dashboard.js", "/events", "/figures.js", "/icon.svg"];
    for (const url of requested) assert.ok(files.includes(url), url);
  });

  test("a load is seen, refused where it is too much, and ended", async () => {
    await page.goto(server.address);
    await reaches("open");
    await load("Open 50 streams");
    await said("50 streams opened, for a minute.");
    await highest("Open streams", 51);
    await load("Publish 1,000 events");
    await said("for each of 50 streams");
    await highest("Published", 400); // the thousand, in two seconds at most
    await highest("Delivered", 20_000);
    await load("Publish 100 a second");
    await said("100 events a second, for a minute.");
    await load("Publish 100 a second");
    await said("Events are being published already.");
    assert.equal(await page.locator("#load-said[data-refused]").count(), 1);
    await points(20);
    await screenshot("light");
    await page.emulateMedia({ colorScheme: "dark" });
    await screenshot("dark");
    await page.setViewportSize({ width: 390, height: 844 });
    await points(20);
    await screenshot("phone");
    await load("End the load");
    await said("The load has ended.");
    await chart("Open streams").locator("b", { hasText: /^1$/ }).waitFor();
  });

  test("nothing is wider than a small phone", async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto(server.address);
    await points(2);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    const columns = await page.evaluate(() => new Set([...document.querySelectorAll("article")].map((a) => a.getBoundingClientRect().left)).size);
    assert.equal(columns, 1);
  });

  test("the charts stand still for who wants less motion", async (t) => {
    const fresh = await start(program); // a chart that is full, after a minute, gets no more points
    t.after(() => fresh.stop());
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.goto(fresh.address);
    const counts = await points(2);
    await page.evaluate(() => {
      window.shifts = new Set();
      new MutationObserver(() => window.shifts.add(document.querySelector(".moving").getAttribute("transform")))
        .observe(document.querySelector(".moving"), { attributes: true });
    });
    await points(Math.max(...counts) + 2);
    assert.deepEqual(await page.evaluate(() => [...window.shifts]), ["translate(0.00 0)"]);
  });

  test("the charts are told in words, under the pointer and as a table", async () => {
    await page.goto(server.address);
    await points(3);
    for (const plot of await page.getByRole("img").all()) {
      assert.match(await plot.getAttribute("aria-label"), /^.+: now .+, lowest .+, highest .+\.$/);
    }
    assert.equal(await page.getByRole("img").count(), charts);

    const plot = chart("Memory").locator("svg.plot");
    const box = await plot.boundingBox();
    await plot.hover({ position: { x: box.width - 8, y: 30 } });
    await page.locator("article.looking").nth(charts - 1).waitFor();
    assert.match(await chart("Goroutines").locator(".cursor text").textContent(), /^\d\d:\d\d:\d\d$/);
    await page.mouse.move(1, 1);
    await page.locator("article:not(.looking)").nth(charts - 1).waitFor();

    await page.getByText("The charts as a table").click();
    await page.locator("tbody tr").nth(charts + 1).waitFor(); // two charts have two series
    assert.deepEqual(await page.locator("thead th").allTextContents(), ["Figure", "Now", "Lowest", "Mean", "Highest"]);
    assert.equal(await page.locator("tbody th").nth(7).textContent(), "Memory: heap");
    for (const cell of await page.locator("tbody tr").nth(7).locator("td").allTextContents()) assert.match(cell, /^[\d.]+ [KM]iB$/);
    await screenshot("table");

    await page.getByText("5 min", { exact: true }).click();
    await page.waitForFunction(() => [...document.querySelectorAll(".times text")].every((text) => text.textContent.endsWith(":00")));
  });

  test("the page goes on with the next server, and keeps what it has", async (t) => {
    const first = await start(program);
    t.after(() => first.stop());
    await page.goto(first.address);
    const counts = await points(3);
    assert.deepEqual(await first.stop(), { code: 0, signal: null }, first.log.join("\n"));
    await reaches("lost");
    await screenshot("lost");

    const second = await start(program);
    t.after(() => second.stop());
    await page.route("**/*", (route) => route.continue({ url: route.request().url().replace(first.address, second.address) }));
    await reaches("open");
    await points(Math.max(...counts) + 2);
    await screenshot("back");
  });
});
