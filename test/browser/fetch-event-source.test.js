// @microsoft/fetch-event-source, which needs a page to run in. It can POST, and
// it follows the standard loosely.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { launch } from "./browser.js";
import { startServer, timeout } from "./clients.js";

// follow runs in the page. It resolves to everything that the client has
// reported when the client is done, or after the given number of errors.
async function follow({ path, options, errors = 1 }) {
  const log = [];
  await window.fetchEventSource(path, {
    ...options,
    openWhenHidden: true,
    onmessage: (message) => {
      log.push(message);
      if (message.event === "cut") fetch("/cut", { method: "POST" });
    },
    onclose: () => log.push("end"),
    onerror: (error) => {
      log.push("error");
      if (errors-- === 0) throw error;
    },
  }).catch(() => log.push("given up"));
  return log;
}

describe("@microsoft/fetch-event-source", { timeout }, () => {
  let server, browser, page;

  before(async () => {
    server = await startServer();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(timeout / 2);
    await page.goto(`${server.address}/fetch-event-source`);
    await page.waitForFunction(() => window.fetchEventSource);
  });

  afterEach(() => page.close());

  const post = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const word = (data, i) => ({ event: "word", data, id: String(i + 1), retry: 50 });
  const nothing = { event: "", data: "", id: "", retry: undefined };
  const farewell = { ...nothing, event: "close", data: "bye" };

  test("POST with a body", async () => {
    const words = ["Grüße", "世界", "two\nlines"];
    assert.deepEqual(await page.evaluate(follow, { path: "/words", options: post({ words }) }), [...words.map(word), "end"]);
  });

  test("a stream that was cut off is resumed by Last-Event-ID, with the same body", async () => {
    const words = ["one", "two", "three", "four"];
    const sent = words.map(word);
    const log = await page.evaluate(follow, { path: "/words", options: post({ words, break: 2 }) });
    assert.deepEqual(log, [...sent.slice(0, 2), { ...nothing, event: "cut" }, "error", ...sent.slice(2), "end"]);
  });

  test("a stream that has ended is not resumed", async () => {
    const log = await page.evaluate(follow, { path: "/resume" });
    assert.deepEqual(log.map((entry) => entry.id ?? entry), ["1", "2", "3", "end"]);
  });

  test("the heartbeat is not heard", async () => {
    assert.deepEqual(await page.evaluate(follow, { path: "/heartbeat" }), [farewell, "end"]);
  });

  test("each comment that is sent as an event, as Ktor's heartbeat is, is a message of nothing", async () => {
    const log = await page.evaluate(follow, { path: "/heartbeat/ktor" });
    assert.deepEqual(log, [nothing, nothing, nothing, farewell, "end"]);
  });

  test("204 and 401 are errors like any other, and tried again", async () => {
    const options = { headers: { "Last-Event-ID": "1" } };
    for (const path of ["/once-204", "/unauthorized"]) {
      assert.deepEqual(await page.evaluate(follow, { path, options }), ["error", "error", "given up"], path);
    }
  });
});
