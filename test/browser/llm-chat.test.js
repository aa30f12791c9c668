// The page of examples/llm-chat in a real browser: the words of a model, as they
// come, and the end of its work when nobody wants more of them.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { launch } from "./browser.js";
import { binary, start, timeout } from "./server.js";

const artifacts = path.join(import.meta.dirname, "artifacts"); // ignored by git

describe("llm-chat", { timeout }, () => {
  let program, browser, page;
  let complaints = [];

  before(async () => {
    mkdirSync(artifacts, { recursive: true });
    program = binary("LLM_CHAT", "./examples/llm-chat");
    browser = await launch();
  });

  after(() => browser?.close());

  afterEach(async () => {
    await page?.context().close();
    assert.deepEqual(complaints, [], "errors of the page's own script, what its policy refuses, and requests to others");
    complaints = [];
  });

  // run starts a process, which ends with the test, and opens its page.
  async function run(t, ...args) {
    const server = await start(program, args);
    t.after(() => server.stop());
    const context = await browser.newContext({ viewport: { width: 1000, height: 720 }, locale: "en-GB", reducedMotion: "reduce" });
    context.setDefaultTimeout(timeout / 4);
    page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (line) => {
      if (/Content Security Policy/.test(line.text())) complaints.push(line.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(server.address)) complaints.push(request.url());
    });
    await page.goto(server.address);
    return server;
  }

  const screenshot = (name) => page.screenshot({ path: path.join(artifacts, `llm-chat-${name}.png`) });
  const answer = (n) => page.locator(".assistant .text").nth(n);
  const send = () => page.getByRole("button", { name: "Send" });
  const stop = () => page.getByRole("button", { name: "Stop" });
  const says = (text) => page.getByRole("status").getByText(text, { exact: true }).waitFor();

  async function ask(text) {
    await page.getByLabel("Your question").fill(text);
    await page.keyboard.press("Enter");
  }

  // logged waits until the process has said something.
  async function logged(server, pattern) {
    while (!server.log.some((line) => pattern.test(line))) await delay(20);
  }

  test("words arrive one after the other", async (t) => {
    const server = await run(t, "-thinking", "300ms", "-pace", "40ms");
    await page.getByRole("button", { name: "What is an event stream?" }).waitFor();
    await screenshot("start");
    await ask("Why does <b>nobody</b> answer <img src=x onerror=\"document.title = 'oh'\">?");
    await says("The model is thinking …");
    await screenshot("thinking");
    await says("The model is writing …");
    assert.equal(await page.getByRole("log").getAttribute("aria-busy"), "true");
    const lengths = await page.evaluate(async () => {
      const text = document.querySelector(".assistant .text");
      const seen = [];
      const observer = new MutationObserver(() => seen.push(text.textContent.length));
      observer.observe(text, { childList: true });
      while (document.getElementById("stop").hidden === false) await new Promise((resolve) => setTimeout(resolve, 20));
      observer.disconnect();
      return seen;
    });
    assert.ok(lengths.length > 30, `seen ${lengths.length} times`);
    assert.deepEqual(lengths, [...lengths].sort((a, b) => a - b));
    const text = await answer(0).textContent();
    assert.match(text, /^You have asked: “Why does <b>nobody<\/b> answer <img src=x/);
    assert.match(text, /and stop working\.$/);
    assert.equal(await page.locator("#log img, #log b").count(), 0, "text is text");
    assert.equal(await page.getByRole("log").getAttribute("aria-busy"), "false");

    await ask("And what did I ask before?");
    await answer(1).getByText("stop working.").waitFor();
    await send().waitFor();
    await screenshot("light");
    await page.emulateMedia({ colorScheme: "dark" });
    await screenshot("dark");
    await page.setViewportSize({ width: 390, height: 780 });
    await screenshot("phone");
    await page.getByRole("button", { name: "New conversation" }).click();
    assert.equal(await page.locator("article").count(), 0);
    await page.getByRole("button", { name: "What is an event stream?" }).click();
    await answer(0).getByText("You have asked: “What is an event stream?”").waitFor();
    await logged(server, /the fake model has ended an answer: words=\d+ error=<nil>/);
  });

  test("the button Stop ends the work of the model", async (t) => {
    const server = await run(t, "-thinking", "300ms", "-pace", "200ms");
    await ask("Why?");
    await answer(0).getByText("asked:").waitFor();
    await stop().click();
    await says("Stopped.");
    await logged(server, /the fake model has ended an answer: words=\d+ error=.*canceled/);
    const text = await answer(0).textContent();
    assert.match(text, /^You have asked:/);
    await page.getByText("You have stopped the answer.").waitFor();
    assert.ok(await page.getByLabel("Your question").evaluate((element) => element === document.activeElement));
    await screenshot("stopped");
    await ask("Once more?");
    await answer(1).getByText("“Once more?”").waitFor();
    assert.equal(await answer(0).textContent(), text, "nothing has come after");
    await page.keyboard.press("Escape");
    await says("Stopped.");
  });

  test("the button Stop ends the thinking of the model", async (t) => {
    const server = await run(t, "-thinking", "1h");
    await ask("Why?");
    await says("The model is thinking …");
    await delay(300); // until the model has been asked: the head leaves before
    await stop().click();
    await logged(server, /the fake model has ended an answer: words=0 error=.*canceled/);
  });

  test("what goes wrong is shown, and can be tried again", async (t) => {
    const server = await run(t, "-thinking", "100ms", "-pace", "100ms");
    await page.route("**/answers", (route) => route.fulfill({ status: 429, headers: { "Retry-After": "9" } }), { times: 1 });
    await ask("Why?");
    await page.getByText("Too many questions. Try again in 9 s.").waitFor();
    await page.route("**/answers", (route) => route.fulfill({
      contentType: "text/event-stream",
      body: ": heartbeat\r\n\r\nevent: word\r\ndata: {\"text\":\ndata: \"Half \"}\r\n\r\nevent: error\rdata: {\"text\":\"The model has failed.\"}\r\r",
    }), { times: 1 });
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("The model has failed.").waitFor();
    assert.equal(await answer(0).textContent(), "Half ");
    await screenshot("failed");
    await page.getByRole("button", { name: "Try again" }).click();
    await answer(0).getByText("You have asked: “Why?”").waitFor();
    assert.deepEqual(await server.stop(), { code: 0, signal: null }, server.log.join("\n"));
    await page.getByText("The server stops. Ask again in a moment.").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("The server cannot be reached.").waitFor();
  });
});
