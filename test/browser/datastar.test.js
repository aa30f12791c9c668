// The page of examples/datastar in a real browser, people who share a list, and
// all that plugins/datastar sends, as Datastar itself takes it.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { launch } from "./browser.js";
import { startServer } from "./clients.js";
import { downloadScript } from "./datastar.js";
import { binary, start, timeout } from "./server.js";

const artifacts = path.join(import.meta.dirname, "artifacts"); // ignored by git

describe("datastar", { timeout }, () => {
  let program, browser, script, server, context, complaints;

  before(async () => {
    mkdirSync(artifacts, { recursive: true });
    script = downloadScript();
    program = binary("DATASTAR", "./examples/datastar");
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    script?.remove();
  });

  beforeEach(async () => {
    complaints = [];
    server = await start(program, ["-datastar", script.path]);
    context = await browser.newContext({ viewport: { width: 620, height: 560 }, locale: "en-GB" });
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
      if (/Content Security Policy/.test(line.text())) complaints.push(line.text());
    });
    await page.goto(server.address);
    await page.locator("#list output").waitFor();
    return page;
  }

  const things = (page) => page.locator("#list li > span").allInnerTexts();
  const counts = (page, number) => page.locator("#list output", { hasText: number }).waitFor();

  async function add(page, text) {
    await page.getByLabel("Something more").fill(text);
    await page.getByRole("button", { name: "Add" }).click();
  }

  test("a list that all windows share, and a search of one", async () => {
    const ada = await open();
    const bo = await open();
    await add(ada, "Bread");
    await counts(bo, "1");
    await add(bo, "<img src=x onerror=\"document.title = 'oh'\">");
    await counts(ada, "2");
    await add(ada, "Butter");
    await counts(bo, "3");
    assert.deepEqual(await things(bo), ["Bread", "<img src=x onerror=\"document.title = 'oh'\">", "Butter"]);
    assert.equal(await bo.locator("#list img").count(), 0, "text is text");
    assert.equal(await ada.getByLabel("Something more").inputValue(), "", "the answer has emptied the field");

    await ada.getByLabel("Who brings what?").fill("b");
    await ada.locator("#found li").nth(1).waitFor();
    assert.deepEqual(await ada.locator("#found li").allInnerTexts(), ["Bread", "Butter"]);
    assert.equal(await bo.locator("#found li").count(), 0, "an answer is for who has asked");
    await ada.screenshot({ path: path.join(artifacts, "datastar.png") });

    await bo.getByRole("button", { name: "Remove Bread" }).click();
    await counts(ada, "2");
    assert.equal((await things(ada)).includes("Bread"), false);
  });

  test("what is typed stays when the list is patched", async () => {
    const ada = await open();
    const bo = await open();
    await ada.getByLabel("Something more").fill("Sal");
    await add(bo, "Bread");
    await counts(ada, "1");
    assert.equal(await ada.getByLabel("Something more").inputValue(), "Sal");
  });

  test("a page comes back when its server does", async () => {
    const ada = await open();
    await add(ada, "Bread");
    await counts(ada, "1");
    assert.deepEqual(await server.stop(), { code: 0, signal: null }, server.log.join("\n"));
    server = await start(program, ["-datastar", script.path, "-port", new URL(server.address).port]);
    await counts(ada, "0"); // the list was in memory
    await add(ada, "Butter");
    await counts(ada, "1");
    assert.deepEqual(await things(ada), ["Butter"]);
  });
});

describe("all that plugins/datastar sends", { timeout }, () => {
  let browser, script, server, page, said;

  before(async () => {
    script = downloadScript();
    server = await startServer();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    script?.remove();
  });

  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(timeout / 4);
    said = [];
    page.on("console", (line) => said.push(`${line.type()}: ${line.text()}`));
    page.on("pageerror", (error) => said.push(`uncaught: ${error}`));
    await page.route("**/datastar.js", (route) => route.fulfill({ path: script.path, contentType: "text/javascript" }));
    await page.goto(`${server.address}/datastar`);
    await page.locator("#end", { hasText: "all" }).waitFor();
  });

  afterEach(() => page.close());

  test("elements, signals and scripts, with comments between", async () => {
    const html = (selector) => page.locator(selector).innerHTML();
    assert.equal(await html("#morphed"), "one\ntwo\nid: 3\n\nselector body");
    assert.equal(await html("#a"), "<i>both</i>");
    assert.equal(await html("#b"), "<i>both</i>");
    assert.equal(await page.locator("#circle").evaluate((element) => element.namespaceURI), "http://www.w3.org/2000/svg");
    assert.equal(await page.locator("b + #a").count(), 1);
    assert.equal(await page.locator("#old").count(), 0);
    assert.deepEqual(JSON.parse(await page.locator("#signals").textContent()), {
      text: "<b>&\r\n\u2028</b>", user: { name: "Ann" }, kept: "kept", added: 1,
    });
    assert.equal(await page.title(), "3 ran", "a line end is one character");
    assert.equal(await page.locator("body > script").count(), 0, "scripts are gone when they have run");
    assert.deepEqual(said, ["log: it's \"here\" </script> \u2028", "error: no such room"]);
  });

  test("an action of DELETE leads to another page", async () => {
    await page.getByRole("button", { name: "Leave" }).click();
    await page.waitForURL(`${server.address}/datastar-after?kept`);
  });
});
