// The page of examples/datastar in a real browser: people who share a list, and
// Datastar itself, which reads the streams.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { launch } from "./browser.js";
import { binary, start, timeout } from "./server.js";

const artifacts = path.join(import.meta.dirname, "artifacts"); // ignored by git

// download puts the script of Datastar into a folder.
function download(folder) {
  const python = (...args) => execFileSync("python3", args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  python("-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:",
    "--python-version", "3.12", "--dest", ".", "--requirement", path.join(import.meta.dirname, "datastar.txt"));
  python("-m", "zipfile", "-e", readdirSync(folder).find((name) => name.endsWith(".whl")), ".");
  return path.join(folder, "starhtml", "static", "js", "datastar-core.js");
}

describe("datastar", { timeout }, () => {
  let program, browser, folder, script, server, context, complaints;

  before(async () => {
    mkdirSync(artifacts, { recursive: true });
    folder = mkdtempSync(path.join(tmpdir(), "chitor-datastar-"));
    script = download(folder);
    assert.match(readFileSync(script, "utf8"), /^\/\/ Datastar v1\.0\.1 /);
    program = binary("DATASTAR", "./examples/datastar");
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  beforeEach(async () => {
    complaints = [];
    server = await start(program, ["-datastar", script]);
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
    server = await start(program, ["-datastar", script, "-port", new URL(server.address).port]);
    await counts(ada, "0"); // the list was in memory
    await add(ada, "Butter");
    await counts(ada, "1");
    assert.deepEqual(await things(ada), ["Butter"]);
  });
});
