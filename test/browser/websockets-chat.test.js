// The page of examples/websockets-chat in a real browser: two tabs of one member,
// and another member.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { launch } from "./browser.js";
import { binary, start, timeout } from "./server.js";

const artifacts = path.join(import.meta.dirname, "artifacts"); // ignored by git

describe("websockets-chat", { timeout }, () => {
  let browser, program;
  before(async () => {
    mkdirSync(artifacts, { recursive: true });
    program = binary("WEBSOCKETS_CHAT", "./examples/websockets-chat");
    browser = await launch();
  });
  after(() => browser?.close());

  test("two tabs of one member, another member, and a server that comes back", async (t) => {
    let server = await start(program);
    t.after(() => server.stop());
    const complaints = [];
    const member = async () => {
      const context = await browser.newContext({ viewport: { width: 720, height: 560 } });
      context.setDefaultTimeout(timeout / 4);
      t.after(() => context.close());
      return context;
    };
    const open = async (context) => {
      const page = await context.newPage();
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (line) => {
        if (/Content Security Policy/.test(line.text())) complaints.push(line.text());
      });
      await page.goto(server.address);
      await reaches(page, "connected");
      return page;
    };
    const reaches = (page, state) => page.locator(`#state[data-state="${state}"]`).waitFor();
    const hears = (page, text) => page.locator(".message").filter({ hasText: text }).first().waitFor();
    const say = async (page, text) => {
      await page.getByRole("textbox").fill(text);
      await page.keyboard.press("Enter");
    };

    const ada = await member();
    const tab = await open(ada);
    await hears(tab, "Member joined: user1.");
    const other = await open(ada);
    const bo = await open(await member());
    for (const page of [tab, other, bo]) await hears(page, "Member joined: user2.");
    await say(other, "/user Ada");
    await say(bo, "/user Bo");
    for (const page of [tab, other, bo]) {
      await hears(page, "Member renamed from user1 to Ada");
      await hears(page, "Member renamed from user2 to Bo");
    }
    await say(tab, "Is anybody awake?");
    await hears(bo, "Is anybody awake?");
    await hears(other, "Is anybody awake?");
    await say(bo, "<img src=x onerror=\"document.title = 'oh'\">");
    await hears(tab, "<img src=x");
    assert.equal(await tab.locator("#messages img").count(), 0, "text is text");
    await say(tab, "/who");
    await hears(tab, "Ada, Bo");
    await hears(other, "Ada, Bo");
    assert.equal(await bo.getByText("Ada, Bo").count(), 0, "only who has asked is answered");
    await bo.close();
    await hears(tab, "Member left: Bo.");
    await tab.screenshot({ path: path.join(artifacts, "websockets-chat.png") });
    await other.reload();
    await reaches(other, "connected");
    await hears(other, "Is anybody awake?");

    const port = new URL(server.address).port;
    assert.deepEqual(await server.stop(), { code: 0, signal: null }, server.log.join("\n"));
    await hears(tab, "Disconnected (1001).");
    server = await start(program, [], { PORT: port });
    await reaches(tab, "connected");
    await say(tab, "Back again");
    await hears(tab, "Back again");
    assert.deepEqual(complaints, []);
  });
});
