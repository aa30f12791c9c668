// The page of examples/chat in a real browser: people who talk to each other
// through two processes that share a broker.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { launch } from "./browser.js";
import { binary, start, timeout } from "./server.js";

const artifacts = path.join(import.meta.dirname, "artifacts"); // ignored by git

// freePort returns a port that nobody listens on.
async function freePort() {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// answers waits until something listens on a port.
async function answers(port) {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const answered = await new Promise((resolve) => socket.on("connect", () => resolve(true)).on("error", () => resolve(false)));
    socket.destroy();
    if (answered) return;
    await delay(50);
  }
}

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
    const context = await browser.newContext({ viewport: { width: 1180, height: 800 }, locale: "en-GB", reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(timeout / 4);
    contexts.push(context);
    const page = await context.newPage();
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
  const sees = (page, name) => page.getByRole("region", { name: /Here now/ }).getByText(name, { exact: true }).waitFor();
  const screenshot = (page, name) => page.screenshot({ path: path.join(artifacts, `chat-${name}.png`) });

  async function say(page, text) {
    await page.getByLabel("Message", { exact: true }).fill(text);
    await page.keyboard.press("Enter");
    await hears(page, text);
  }

  // talk lets two people on two processes talk, the second of which can be
  // started again.
  async function talk(t, one, startTwo) {
    let two = await startTwo();
    const ada = await enter(one, "Ada");
    await say(ada, "Good morning! Is anybody else up?");
    const bo = await enter(two, "Bo");
    await hears(bo, "Good morning! Is anybody else up?"); // from the history of the other process
    await notes(ada, "Bo joined");
    await sees(ada, "Bo");
    await sees(bo, "Ada");
    await say(bo, "Since five. The harbour was all fog.");
    await say(bo, "Photos later, when the ferry has a signal again.");
    await hears(ada, "Photos later, when the ferry has a signal again.");

    await bo.getByLabel("Message", { exact: true }).pressSequentially("And");
    await ada.locator("#typing", { hasText: "Bo is writing …" }).waitFor();

    assert.deepEqual(await two.stop(), { code: 0, signal: null }, two.log.join("\n"));
    await reaches(bo, "reconnecting");
    await say(ada, "Please! I keep the list of names for the boat:\n1. Otter\n2. Second Thoughts");
    two = await startTwo(two);
    await reaches(bo, "online");
    await hears(bo, "Please! I keep the list of names for the boat:\n1. Otter\n2. Second Thoughts");
    await say(bo, "Second Thoughts.");
    await hears(ada, "Second Thoughts.");
    assert.deepEqual(await messages(bo), await messages(ada));
    return { ada, bo };
  }

  test("two people talk on two processes that share NATS", async (t) => {
    const broker = `127.0.0.1:${await freePort()}`;
    const one = await run(t, "-broker", `embedded://${broker}`);
    const { ada, bo } = await talk(t, one, (before) =>
      run(t, "-broker", `nats://${broker}`, "-port", before ? new URL(before.address).port : "0"));

    const eve = await enter(one, "Eve");
    await say(eve, "Or: <img src=x onerror=\"document.title = 'oh'\">");
    assert.equal(await ada.locator("#log img").count(), 0, "text is text");
    await eve.getByLabel("Message", { exact: true }).pressSequentially("I would rather");
    await ada.locator("#typing", { hasText: /Eve (is|are) writing …/ }).waitFor(); // with Bo, for a moment
    await say(ada, "Then it is decided.");
    await say(await enter(one, "Zoë", {}, "tea"), "The kettle is on.");
    await ada.reload();
    await ada.getByRole("button", { name: "Join" }).click();
    await hears(ada, "Then it is decided.");
    await ada.getByRole("link", { name: "tea" }).waitFor();
    await screenshot(ada, "light");
    await ada.emulateMedia({ colorScheme: "dark" });
    await screenshot(ada, "dark");
    await bo.setViewportSize({ width: 390, height: 844 });
    await screenshot(bo, "phone");
    await bo.getByRole("button", { name: "Rooms and people" }).click();
    await bo.getByRole("link", { name: "lobby" }).hover();
    await screenshot(bo, "phone-people");
    await bo.getByRole("link", { name: "tea" }).click();
    await hears(bo, "The kettle is on.");
    assert.deepEqual(await messages(bo), ["The kettle is on."]);
  });

  test("two people talk on two processes that share Redis", async (t) => {
    const port = await freePort();
    const redis = spawn(process.env.REDIS_SERVER || "redis-server", ["--port", port, "--bind", "127.0.0.1", "--save", ""], { stdio: "ignore" });
    t.after(() => redis.kill());
    await answers(port);
    const broker = ["-broker", `redis://127.0.0.1:${port}`];
    await talk(t, await run(t, ...broker), (before) =>
      run(t, ...broker, "-port", before ? new URL(before.address).port : "0"));
  });

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

  test("an answer that is late disturbs nobody who goes on writing", async (t) => {
    const ada = await enter(await run(t), "Ada");
    let answer;
    const late = new Promise((resolve) => { answer = resolve; });
    await ada.route("**/messages", async (route) => {
      const response = await route.fetch();
      await late;
      await route.fulfill({ response });
    });
    const answered = ada.waitForResponse("**/messages");
    await say(ada, "one"); // which the stream has brought
    await ada.getByLabel("Message", { exact: true }).fill("two");
    await ada.getByLabel("Open a room").fill("tea");
    answer();
    await (await answered).finished();
    await ada.evaluate(() => fetch("/rooms")); // by now the page has read the answer
    assert.equal(await ada.getByLabel("Message", { exact: true }).inputValue(), "two");
    await ada.keyboard.press("Enter");
    await ada.getByRole("heading", { name: "# tea" }).waitFor();
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
    context.setDefaultTimeout(timeout / 4);
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
    assert.deepEqual(await messages(bo), ["one\ntwo"]);

    await ada.getByLabel("Open a room").fill("  Long Evenings! ");
    await ada.keyboard.press("Enter");
    await ada.getByRole("heading", { name: "# long-evenings" }).waitFor();
    assert.equal(new URL(ada.url()).hash, "#long-evenings");
    await ada.goBack();
    await hears(ada, "one\ntwo");
  });
});
