// The page of examples/htmx-integration in a real browser, with the htmx 2 that it
// brings along, and with htmx 4, whose requests have other headers.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { launch } from "./browser.js";
import { binary, start, timeout } from "./server.js";

const artifacts = path.join(import.meta.dirname, "artifacts"); // ignored by git
const modules = path.join(import.meta.dirname, "node_modules");

describe("htmx-integration", { timeout }, () => {
  let program, browser, server, context, complaints;

  before(async () => {
    mkdirSync(artifacts, { recursive: true });
    program = binary("HTMX_INTEGRATION", "./examples/htmx-integration");
    browser = await launch();
  });

  after(() => browser?.close());

  beforeEach(async () => {
    complaints = [];
    server = await start(program);
    context = await browser.newContext({ viewport: { width: 620, height: 520 }, locale: "en-GB" });
    context.setDefaultTimeout(timeout / 4);
  });

  afterEach(async () => {
    await context.close();
    assert.deepEqual(await server.stop(), { code: 0, signal: null }, server.log.join("\n"));
    assert.deepEqual(complaints, [], "errors of the page, and what its policy refuses");
  });

  async function open() {
    const page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (line) => {
      if (line.type() === "error") complaints.push(line.text());
    });
    await page.goto(server.address);
    return page;
  }

  const shows = (page, selector, text) => page.locator(selector).getByText(text, { exact: true }).waitFor();

  test("a target, another one, an event of the head, and a stream for all windows", async () => {
    const page = await open();
    const other = await open();
    await page.locator("#loads", { hasText: "0" }).waitFor();
    await other.locator("#loads", { hasText: "0" }).waitFor();
    await page.getByRole("button", { name: "Load Data" }).click();
    await shows(page, "#result", "Data specifically for #result element");
    await page.getByText("The server has answered 1 of such requests.").waitFor();
    await page.getByRole("button", { name: "Load elsewhere" }).click();
    await shows(page, "#other", "Data loaded via HTMX!");
    await page.locator("#loads", { hasText: "2" }).waitFor();
    await other.locator("#loads", { hasText: "2" }).waitFor();
    await page.getByText("The server has answered 2 of such requests.").waitFor();
    assert.equal(await other.locator("#result").innerText(), "Data will appear here");
    await page.screenshot({ path: path.join(artifacts, "htmx-integration.png") });
  });

  test("a page that is left and come back to is a page", async () => {
    const page = await open();
    await page.getByRole("button", { name: "Load Data" }).click();
    await shows(page, "#result", "Data specifically for #result element");
    await page.goto(`${server.address}/data`);
    assert.equal(await page.locator("body").innerText(), "Please use HTMX to load this data");
    await page.goBack();
    await page.getByRole("heading", { name: "HTMX Demo" }).waitFor();
  });

  test("htmx 4 says the same in other headers", async () => {
    await context.route("**/page/htmx.min.js", (route) => route.fulfill({ path: path.join(modules, "htmx4/dist/htmx.min.js") }));
    await context.route("**/page/sse.min.js", (route) => route.fulfill({ body: "", contentType: "text/javascript" }));
    const page = await open();
    const asked = page.waitForRequest("**/data");
    await page.getByRole("button", { name: "Load Data" }).click();
    assert.equal(await (await asked).headerValue("HX-Source"), "button#load-button");
    await shows(page, "#result", "Data specifically for #result element");
    await page.getByText("The server has answered 1 of such requests.").waitFor();
    await page.getByRole("button", { name: "Load elsewhere" }).click();
    await shows(page, "#other", "Data loaded via HTMX!");
    await page.getByText("The server has answered 2 of such requests.").waitFor();
  });
});
