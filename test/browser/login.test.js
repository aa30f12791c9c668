// The pages of examples/login in a real browser: a form logs in, the session and
// the stream outlast the server, and a logout in one tab ends the stream of the
// other.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { launch } from "./browser.js";
import { binary, start, timeout } from "./server.js";

describe("login", { timeout }, () => {
  let program, browser, sessions, server, context;

  before(async () => {
    program = binary("LOGIN", "./examples/login");
    browser = await launch();
  });

  after(() => browser?.close());

  beforeEach(async () => {
    sessions = mkdtempSync(path.join(tmpdir(), "chitor-sessions-"));
    server = await start(program, ["-sessions", sessions]);
    context = await browser.newContext(); // cookies of its own
    context.setDefaultTimeout(timeout / 2);
  });

  afterEach(async () => {
    await context.close();
    await server.stop();
    rmSync(sessions, { recursive: true });
  });

  const state = (page, text) => page.locator("#state", { hasText: text }).waitFor();
  const name = (page, text) => page.locator("#name", { hasText: text }).waitFor();
  const at = (page, path) => page.waitForURL(server.address + path);
  const why = (page) => page.locator("#why").textContent();

  async function logIn(page, user, password) {
    await page.getByLabel("Name").fill(user);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Log in" }).click();
  }

  // loggedIn opens a tab of ada's, whose stream is open.
  async function loggedIn() {
    const page = await context.newPage();
    await page.goto(server.address);
    await at(page, "/login?return_to=%2F");
    await logIn(page, "ada", "password");
    await at(page, "/");
    await name(page, "ada");
    await state(page, "open");
    return page;
  }

  test("who has the password comes in, and nobody else", async () => {
    const page = await context.newPage();
    await page.goto(server.address);
    await at(page, "/login?return_to=%2F");
    await logIn(page, "ada", "guessed");
    await at(page, "/login?why=wrong&return_to=%2F");
    assert.equal(await why(page), "The name or the password is wrong.");
    await logIn(page, "ada", "password");
    await at(page, "/");
    await name(page, "ada");
    const [cookie] = await context.cookies();
    assert.deepEqual(
      [cookie.name, cookie.httpOnly, cookie.sameSite, cookie.path], ["login", true, "Lax", "/"]);
    assert.equal(await page.evaluate(() => document.cookie), "", "no script sees the session");
  });

  test("the session and the stream outlast the server", async () => {
    const page = await loggedIn();
    const opened = page.waitForResponse((response) => response.url().endsWith("/events"));
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    await state(page, "connecting");
    server = await start(program, ["-sessions", sessions, "-port", new URL(server.address).port]);
    assert.equal((await opened).status(), 200);
    await state(page, "open"); // it has come back by itself
    await page.reload();
    await name(page, "ada");
    await state(page, "open");
  });

  test("a logout in one tab ends the stream of the other, which says so", async () => {
    const first = await loggedIn();
    const second = await context.newPage();
    await second.goto(server.address);
    await state(second, "open");
    const another = await browser.newContext(); // another device
    try {
      const phone = await another.newPage();
      await phone.goto(server.address);
      await logIn(phone, "ada", "password");
      await state(phone, "open");
      await first.locator("#events li", { hasText: "ada logged in from 127.0.0.1." }).waitFor();
      const told = [first, second, phone].map((page) => at(page, "/login?why=logged-out"));
      await second.getByRole("button", { name: "Log out" }).click();
      await Promise.all(told);
      assert.equal(await why(first), "You have logged out.");
    } finally {
      await another.close();
    }
    await first.goto(server.address);
    await at(first, "/login?return_to=%2F");
    assert.equal(await first.evaluate(() => new Promise((resolve) => {
      const source = new EventSource("/events");
      source.onerror = () => resolve(source.readyState);
    })), 2, "a stream without a session is refused for good");
  });

  test("a page of another site logs nobody in or out", async () => {
    const page = await loggedIn();
    const evil = await context.newPage();
    await evil.route("https://evil.example/", (route) => route.fulfill({
      contentType: "text/html",
      body: `<form method="post" action="${server.address}/logout"><button>Win</button></form>`,
    }));
    await evil.goto("https://evil.example/");
    const answer = evil.waitForResponse((response) => response.url().endsWith("/logout"));
    await evil.getByRole("button").click();
    assert.equal((await answer).status(), 403);
    await page.reload();
    await state(page, "open");
  });
});
