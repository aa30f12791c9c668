// The page of examples/server-sse in a real browser: four streams through
// EventSource, and the texts that a person reads.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { launch } from "./browser.js";
import { binary, start, timeout } from "./server.js";

const artifacts = path.join(import.meta.dirname, "artifacts"); // ignored by git
const eventStream = { contentType: "text/event-stream", headers: { "Cache-Control": "no-store" } };

describe("server-sse", { timeout }, () => {
  let program, browser, server, page, complaints;

  before(async () => {
    mkdirSync(artifacts, { recursive: true });
    program = binary("SERVER_SSE", "./examples/server-sse");
    server = await start(program);
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(timeout / 2);
    complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
  });

  afterEach(async () => {
    await page.close();
    assert.deepEqual(complaints, [], "errors of the page's own script");
  });

  const entries = (id) => page.locator(`ol#${id} > li`).allTextContents();
  const card = (id) => page.locator("article", { has: page.locator(`ol#${id}`) });
  const reaches = (id, state) => page.locator(`article[data-state="${state}"]`, { has: page.locator(`ol#${id}`) }).waitFor();
  const screenshot = (name) => page.screenshot({ path: path.join(artifacts, `${name}.png`), fullPage: true });

  // endless replaces a stream by one that stays open: on a slow machine the
  // original ends too soon.
  async function endless(t, stream) {
    const other = createServer((_, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).write("data: still here\n\n");
    });
    await once(other.listen(0, "127.0.0.1"), "listening");
    t.after(() => {
      other.close();
      other.closeAllConnections();
    });
    await page.route(`**${stream}`, (route) => route.continue({ url: `http://127.0.0.1:${other.address().port}/` }));
  }

  test("four streams arrive, end, and are not asked for again", async () => {
    const requested = [];
    page.on("request", (request) => requested.push(request.url().replace(server.address, "")));

    await page.goto(server.address);
    await page.getByText("this is SSE #0").waitFor();
    await screenshot("open");
    for (const id of ["events", "json", "heartbeat", "heartbeat-custom"]) await reaches(id, "ended");

    assert.deepEqual(await entries("events"), [0, 1, 2, 3, 4, 5].map((i) => `this is SSE #${i}`));
    assert.deepEqual(await entries("json"), [
      '{"id":0,"firstName":"Jet","lastName":"Brains"}',
      '{"id":0,"prices":[100,200]}',
    ]);
    assertGreetingsAmong(await entries("heartbeat"), /^heartbeat$/);
    assertGreetingsAmong(await entries("heartbeat-custom"), /^ts=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
    assert.equal(await card("events").locator(".count").textContent(), "6 events");

    const local = requested.filter((url) => !url.startsWith("data:")).sort();
    assert.deepEqual(local, ["/", "/events", "/heartbeat", "/heartbeat-custom", "/json"]);

    await screenshot("ended");
    await page.emulateMedia({ colorScheme: "dark" });
    await screenshot("dark");
    await page.setViewportSize({ width: 390, height: 844 });
    await screenshot("narrow");
  });

  test("a stream can be stopped and started again", async (t) => {
    await endless(t, "/events");
    await page.goto(server.address);
    await page.getByText("still here").waitFor();
    await reaches("events", "open");
    await page.getByRole("button", { name: "Stop /events" }).click();
    await reaches("events", "ended");
    await page.getByRole("button", { name: "Restart /events" }).click(); // which empties the list
    await page.getByText("still here").waitFor();
    await reaches("events", "open");
    assert.deepEqual(await entries("events"), ["still here"]);

    await reaches("json", "ended");
    await page.getByRole("button", { name: "Restart all" }).click();
    await reaches("json", "ended");
    assert.equal((await entries("json")).length, 2);
  });

  test("data is shown as text, never as HTML", async () => {
    const data = '<img src="x" onerror="document.title = 1">';
    await page.route("**/json", (route) => route.fulfill({ ...eventStream, body: `data: ${data}\n\n` }));
    await page.goto(server.address);
    await reaches("json", "ended");
    assert.deepEqual(await entries("json"), [data]);
    assert.equal(await page.locator("img").count(), 0);
  });

  test("a list keeps its last fifty entries", async () => {
    const body = Array.from({ length: 60 }, (_, i) => `data: ${i}\n\n`).join("");
    await page.route("**/json", (route) => route.fulfill({ ...eventStream, body }));
    await page.goto(server.address);
    await reaches("json", "ended");
    assert.deepEqual(await entries("json"), Array.from({ length: 50 }, (_, i) => String(i + 10)));
    assert.equal(await card("json").locator(".count").textContent(), "60 events");
  });

  test("an answer that is no event stream is shown as failed", async () => {
    await page.route("**/json", (route) => route.fulfill({ status: 500, body: "broken" }));
    await page.goto(server.address);
    await reaches("json", "failed");
    assert.deepEqual(await entries("json"), []);
  });

  test("SIGTERM ends open streams and the process, with exit status 0", async (t) => {
    const own = await start(program);
    t.after(() => own.stop());
    await page.goto(own.address);
    await page.getByText("this is SSE #0").waitFor();
    assert.deepEqual(await own.stop(), { code: 0, signal: null }, own.log.join("\n"));
    await reaches("events", "ended");
  });
});

// assertGreetingsAmong checks the two heartbeat samples: four greetings, at
// least one beat, and nothing else.
function assertGreetingsAmong(entries, beat) {
  assert.equal(entries.filter((entry) => entry === "Hello").length, 4, entries.join("\n"));
  const others = entries.filter((entry) => entry !== "Hello");
  assert.notEqual(others.length, 0, "no heartbeat");
  for (const other of others) assert.match(other, beat);
}
