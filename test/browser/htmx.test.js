// The SSE extension of htmx, in a page that has only attributes and no script
// of its own.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { launch } from "./browser.js";
import { startServer, timeout } from "./clients.js";

describe("the SSE extension of htmx", { timeout }, () => {
  let server, browser, page, requested;

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
    requested = [];
    page.on("request", (request) => requested.push(request));
  });

  afterEach(() => page.close());

  const streams = (path) => requested.filter((request) => request.url() === server.address + path);

  test("sse-swap, hx-trigger and sse-close", async () => {
    await page.goto(`${server.address}/htmx`);
    await page.locator("#asked", { hasText: "fetched" }).waitFor();
    assert.deepEqual(await page.locator("#messages > li").allTextContents(), ["one", "two"]);
    assert.equal(await page.locator("#news").innerHTML(), "<p>second edition</p>");
    await server.quiet(); // the server ends only because the page has closed the stream
    assert.equal(streams("/htmx/events").length, 1);
  });

  test("204 does not stop it: it starts again from the beginning", async () => {
    await page.goto(`${server.address}/htmx-204`);
    await page.locator("#messages", { hasText: "onceonce" }).waitFor();
    const ids = await Promise.all(streams("/once-204").slice(0, 3).map((request) => request.headerValue("Last-Event-ID")));
    assert.deepEqual(ids, [null, "1", null]);
  });
});
