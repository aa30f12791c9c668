// The page of examples/chat in a real browser: people who talk to each other.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { launch } from "./browser.js";
import { binary, start, timeout } from "./server.js";

const artifacts = path.join(import.meta.dirname, "artifacts"); // ignored by git

describe("chat", { timeout }, () => {
  let program, browser;
  let contexts = [];
  let complaints = [];

  before(async () => {
    mkdirSync(artifacts, { recursive: true });
    program = binary("CHAT", ".", "examples/chat");
    browser = await launch();
  });

  after(() => browser?.close());

  afterEach(async () => {
    for (const context of contexts) await context.close();
    assert.deepEqual(complaints, [], "errors of the page's own script, and what its policy refuses");
    contexts = [];
    complaints = [];
  });

  // run starts a process, which ends with the test.
  async function run(t, ...args) {
    const server = await start(program, args);
    t.after(() => server.stop());
    return server;
  }

  // enter opens the page and goes into a room under a name.
  async function enter(server, name, options = {}, room = "lobby") {
    const context = await browser.newContext({ viewport: { width: 1180, height: 800 }, locale: "en-GB", ...options });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(timeout / 4);
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (line) => {
      if (/Content Security Policy/.test(line.text())) complaints.push(line.text());
    });
    await page.goto(`${server.address}/#${room}`);
    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: "Join" }).click();
    await reaches(page, "online");
    return page;
  }

  const reaches = (page, state) => page.locator(`#state[data-state="${state}"]`).waitFor();
  const messages = (page) => page.locator(".said .text").allTextContents();
  const hears = (page, text) => page.locator(".said .text").getByText(text, { exact: true }).waitFor();
  const notes = (page, text) => page.locator(".note").getByText(text, { exact: true }).waitFor();
  const screenshot = (page, name) => page.screenshot({ path: path.join(artifacts, `chat-${name}.png`) });

  async function say(page, text) {
    await page.getByLabel("Message", { exact: true }).fill(text);
    await page.keyboard.press("Enter");
    await hears(page, text);
  }

  test("a page whose server has begun anew loads the history", async (t) => {
    const one = await run(t);
    const ada = await enter(one, "Ada");
    await say(ada, "This is lost with the process.");
    await one.stop();
    await reaches(ada, "reconnecting");
    await ada.getByLabel("Message", { exact: true }).fill("Nobody takes this.");
    await ada.keyboard.press("Enter");
    await ada.getByRole("alert").getByText("Not sent: the server cannot be reached.").waitFor();
    assert.equal(await ada.getByLabel("Message", { exact: true }).inputValue(), "Nobody takes this.");

    await run(t, "-port", new URL(one.address).port);
    await notes(ada, "You were away for too long: this is the history as it is now.");
    await reaches(ada, "online");
    assert.deepEqual(await messages(ada), []);
    await ada.keyboard.press("Enter");
    await hears(ada, "Nobody takes this.");
    assert.equal(await ada.getByRole("alert").textContent(), "");
  });

  test("what the server refuses is shown with its reason", async (t) => {
    const ada = await enter(await run(t), "Ada");
    await ada.getByLabel("Message", { exact: true }).evaluate((text) => text.removeAttribute("maxlength"));
    await ada.getByLabel("Message", { exact: true }).fill("x".repeat(1001));
    await ada.keyboard.press("Enter");
    await ada.getByRole("alert").getByText("Not sent: a message has at most 1000 characters.").waitFor();
    assert.deepEqual(await messages(ada), []);

    await ada.getByRole("button", { name: "change" }).click();
    await ada.getByLabel("Your name").fill("A\u202eda");
    await ada.getByRole("button", { name: "Join" }).click();
    await ada.getByRole("alert").getByText("The server refuses the stream: a name has no invisible characters.").waitFor();
  });

  test("a person can do without a mouse, and choose a room by its address", async (t) => {
    const server = await run(t);
    const bo = await enter(server, "Bo", {}, "tea");
    const context = await browser.newContext();
    contexts.push(context);
    const ada = await context.newPage();
    await ada.goto(`${server.address}/#tea`);
    await ada.keyboard.type("Ada"); // the name has the focus
    await ada.keyboard.press("Enter");
    await reaches(ada, "online");
    await ada.keyboard.type("one");
    await ada.keyboard.press("Shift+Enter");
    await ada.keyboard.type("two");
    await ada.keyboard.press("Enter");
    await hears(bo, "one\ntwo");
    await screenshot(bo, "light");
    assert.deepEqual(await messages(bo), ["one\ntwo"]);

    await ada.getByLabel("Open a room").fill("  Long Evenings! ");
    await ada.keyboard.press("Enter");
    await ada.getByRole("heading", { name: "# long-evenings" }).waitFor();
    assert.equal(new URL(ada.url()).hash, "#long-evenings");
    await ada.goBack();
    await hears(ada, "one\ntwo");
  });
});
