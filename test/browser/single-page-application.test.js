// examples/single-page-application in a real browser: its pages, back and forth,
// what is asked again, and a film in parts.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "./browser.js";
import { binary, start, timeout } from "./server.js";

describe("single-page-application", { timeout }, () => {
  let browser, server, page, complaints;
  const paths = new Map(); // by the ids of requests
  const answers = []; // { id, status, range } of each response

  before(async () => {
    server = await start(binary("SINGLE_PAGE_APPLICATION", "./examples/single-page-application"));
    browser = await launch();
    const context = await browser.newContext();
    page = await context.newPage();
    page.setDefaultTimeout(timeout / 2);
    // Playwright tells a response that was not modified as the one that was
    // kept; the protocol tells what came over the network.
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    session.on("Network.requestWillBeSent", ({ requestId, request }) => paths.set(requestId, new URL(request.url).pathname));
    session.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode, headers }) => {
      const range = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-range");
      answers.push({ id: requestId, status: statusCode, range: range?.[1] });
    });
    complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const heading = (text) => page.getByRole("heading", { name: text, exact: true }).waitFor();
  const follow = (name) => page.getByRole("link", { name, exact: true }).click();
  // The protocol may tell of a response before it tells of its request.
  const answersTo = (path) => answers.filter(({ id }) => paths.get(id) === path);

  // arrived resolves to the responses for a path when there are some.
  async function arrived(path) {
    while (answersTo(path).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    return answersTo(path);
  }

  test("it goes forth and back without asking for another page", async () => {
    await page.goto(server.address);
    await heading("Home");
    const asked = answers.length;
    await follow("Planets");
    await heading("Planets");
    await follow("mars");
    await heading("mars");
    await page.getByText("Moons: 2").waitFor();
    assert.equal(new URL(page.url()).pathname, "/planets/mars");
    await page.goBack();
    await heading("Planets");
    await page.goBack();
    await heading("Home");
    await page.goForward();
    await heading("Planets");
    const pages = answers.slice(asked).filter(({ id }) => paths.get(id) !== "/logo.png"); // the icon, at each path
    assert.deepEqual(pages, [], "what went to the server");
  });

  test("a reload deep inside is the page, and what has not changed is not sent again", async () => {
    await page.goto(`${server.address}/planets/mars`);
    await page.getByText("Moons: 2").waitFor();
    await page.waitForLoadState("networkidle");
    answers.length = 0;
    await page.reload();
    await page.getByText("Moons: 2").waitFor();
    for (const path of ["/planets/mars", "/js/script.js", "/css/styles.css"]) {
      assert.deepEqual((await arrived(path)).map(({ status }) => status), [304], path);
    }
  });

  test("a path that leads nowhere is the page as well, and what is excluded is not", async () => {
    await page.goto(`${server.address}/nowhere/at/all`);
    await heading("Nothing here");
    const excluded = await fetch(`${server.address}/notes.txt`);
    assert.equal(excluded.status, 403);
  });

  test("a film comes in parts, and plays", async () => {
    await page.goto(`${server.address}/film`);
    const seen = await page.locator("video").evaluate(async (video) => {
      await video.play();
      await new Promise((resolve) => video.addEventListener("timeupdate", () => video.currentTime > 0 && resolve()));
      return { width: video.videoWidth, error: video.error?.message };
    });
    assert.deepEqual(seen, { width: 160, error: undefined });
    for (const { status, range } of await arrived("/media/ball.webm")) {
      assert.equal(status, 206);
      assert.match(range, /^bytes \d+-\d+\/9182$/);
    }
  });

  test("nothing is complained of", () => assert.deepEqual(complaints, []));
});
