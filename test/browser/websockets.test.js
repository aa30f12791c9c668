// The WebSocket of a real browser, and npm's ws, against test/clients/websockets.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import WebSocket from "ws";
import { launch } from "./browser.js";
import { binary, start, timeout } from "./server.js";

const program = () => binary("WEBSOCKETS", "./test/clients/websockets");

// run starts the server, which ends with the test, and has to end well.
async function run(t, file, ...args) {
  const server = await start(file, args);
  let stopped;
  const stop = () => (stopped ??= server.stop());
  t.after(async () => assert.deepEqual(await stop(), { code: 0, signal: null }, server.log.join("\n")));
  const stats = async () => (await fetch(`${server.address}/stats`)).json();
  return {
    ...server, stop, stats,
    socket: server.address.replace("http", "ws"),
    // counted waits until a counter has a value.
    async counted(name, value) {
      while ((await stats())[name] !== value) await delay(20);
    },
  };
}

describe("the WebSocket of a browser", { timeout }, () => {
  let file, browser;
  before(async () => {
    file = program();
    browser = await launch();
  });
  after(() => browser?.close());

  async function open(t, server) {
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(server.address);
    return page;
  }

  // talk opens a WebSocket in the page, says something, and resolves to all that
  // the page has seen of it when it is closed, or when as much was heard as is
  // wanted: then the page closes it.
  const talk = (page, url, { protocols = [], say = [], repeat, bytes, wanted = -1, code = 1000 } = {}) =>
    page.evaluate(({ url, protocols, say, repeat, bytes, wanted, code }) => new Promise((resolve) => {
      const socket = new WebSocket(url, protocols);
      socket.binaryType = "arraybuffer";
      const seen = { opened: false, heard: [], lengths: [] };
      socket.onopen = () => {
        Object.assign(seen, { opened: true, protocol: socket.protocol, extensions: socket.extensions });
        for (const text of say) socket.send(text);
        if (repeat) socket.send("ä".repeat(repeat));
        if (bytes) socket.send(new Uint8Array(bytes));
      };
      socket.onmessage = ({ data }) => {
        seen.lengths.push(data.length ?? data.byteLength);
        seen.heard.push(typeof data === "string" ? data.slice(0, 50) : [...new Uint8Array(data)]);
        if (seen.heard.length === wanted) socket.close(code, "enough");
      };
      socket.onclose = ({ code, reason, wasClean }) => resolve({ ...seen, code, reason, wasClean });
    }), { url, protocols, say, repeat, bytes, wanted, code });

  for (const [deflate, agreed] of [["none", /^$/], ["message", /^permessage-deflate; .*server_no_context_takeover/], ["context", /^permessage-deflate/]]) {
    test(`text and bytes come back, with the extension ${deflate}`, async (t) => {
      const server = await run(t, file, "-deflate", deflate);
      const page = await open(t, server);
      const seen = await talk(page, `${server.socket}/echo`, { say: ["Grüße 👋", ""], repeat: 200_000, bytes: [0, 255, 1], wanted: 4, code: 4321 });
      assert.match(seen.extensions, agreed);
      assert.deepEqual(seen.heard, ["Grüße 👋", "", "ä".repeat(50), [0, 255, 1]]);
      assert.deepEqual(seen.lengths, [8, 0, 200_000, 3]);
      assert.deepEqual([seen.code, seen.reason, seen.wasClean], [4321, "enough", true]);
      await server.counted("ClientsClosed", 1);
    });
  }

  test("fragments are put together", async (t) => {
    const server = await run(t, file, "-deflate", "message");
    const seen = await talk(await open(t, server), `${server.socket}/parts`, { repeat: 100_000, wanted: 1 });
    assert.deepEqual(seen.lengths, [100_000]);
    assert.equal(seen.code, 1000);
  });

  test("the first subprotocol of the server that the page offers", async (t) => {
    const server = await run(t, file);
    const page = await open(t, server);
    const seen = await talk(page, `${server.socket}/talk`, { protocols: ["v1.talk", "v2.talk"], wanted: 1 });
    assert.deepEqual([seen.protocol, seen.heard], ["v2.talk", ["v2.talk"]]);
    const refused = await talk(page, `${server.socket}/talk`, { protocols: ["v9.talk"] });
    assert.deepEqual([refused.opened, refused.code], [false, 1006]);
    assert.equal((await server.stats()).Refused, 1);
  });

  test("the codes that a page sees", async (t) => {
    const server = await run(t, file);
    const page = await open(t, server);
    const closed = async (path, options) => {
      const { code, reason, wasClean } = await talk(page, server.socket + path, options);
      return [code, reason, wasClean];
    };
    const asked = (reason) => closed("/close", { say: [JSON.stringify(reason)] });
    assert.deepEqual(await asked({ Code: 4001, Message: "Müde" }), [4001, "Müde", true]);
    assert.deepEqual(await asked({ Code: 1000 }), [1000, "", true]);
    assert.deepEqual(await asked({ Code: 1013 }), [1013, "", true]);
    assert.deepEqual(await asked({ Code: 1005 }), [1011, "", true], "what cannot be sent is a mistake of the application");
    assert.deepEqual(await closed("/close", { say: ["no JSON"] }), [1007, "", true]);
    const [code] = await closed("/echo", { repeat: 600_000 });
    assert.equal(code, 1009, "more than 1 MiB");
  });

  test("a stop tells the page at once", async (t) => {
    const server = await run(t, file);
    const page = await open(t, server);
    const closed = talk(page, `${server.socket}/echo`, { say: ["Hello"] });
    await server.counted("Sent", 1);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    const { heard, code, reason, wasClean } = await closed;
    assert.deepEqual([heard, code, reason, wasClean], [["Hello"], 1001, "", true]);
  });

  test("a page of a foreign origin is refused", async (t) => {
    const [server, foreign] = [await run(t, file), await run(t, file)];
    const seen = await talk(await open(t, foreign), `${server.socket}/echo`, { say: ["Hello"] });
    assert.deepEqual([seen.opened, seen.code], [false, 1006]);
    assert.equal((await server.stats()).Refused, 1);
  });

  test("a page that is closed has gone", async (t) => {
    const server = await run(t, file);
    const page = await open(t, server);
    const closed = talk(page, `${server.socket}/echo`, { say: ["Hello"] }).catch(() => "the page is closed");
    await server.counted("Sent", 1);
    await page.close();
    assert.equal(await closed, "the page is closed");
    await server.counted("Open", 0);
    assert.equal((await server.stats()).Failed, 0);
  });
});

describe("npm's ws", { timeout }, () => {
  let file;
  before(() => { file = program(); });

  // dial resolves to an open client, whose messages can be awaited one by one.
  async function dial(url, ...options) {
    const client = new WebSocket(url, ...options);
    const waiting = [], come = [];
    client.on("message", (data, isBinary) => {
      const message = isBinary ? [...data] : data.toString();
      if (waiting.length > 0) waiting.shift()(message);
      else come.push(message);
    });
    client.next = () => new Promise((resolve) => {
      if (come.length > 0) resolve(come.shift());
      else waiting.push(resolve);
    });
    client.closed = once(client, "close").then(([code, reason]) => [code, reason.toString()]);
    await once(client, "open");
    return client;
  }

  for (const deflate of ["none", "message", "context"]) {
    test(`text, bytes, fragments and large messages, with the extension ${deflate}`, async (t) => {
      const server = await run(t, file, "-deflate", deflate);
      for (const path of ["/echo", "/parts"]) {
        const client = await dial(server.socket + path);
        assert.equal(client.extensions.includes("permessage-deflate"), deflate !== "none");
        client.send("Grüße");
        assert.equal(await client.next(), "Grüße");
        client.send(Buffer.from([0, 255]));
        assert.deepEqual(await client.next(), [0, 255]);
        client.send("one, ", { fin: false });
        client.ping("between fragments");
        client.send("two, ", { fin: false });
        client.send("three", { fin: true });
        assert.equal((await once(client, "pong"))[0].toString(), "between fragments");
        assert.equal(await client.next(), "one, two, three");
        const large = "0123456789".repeat(100_000);
        client.send(large);
        assert.equal(await client.next(), large);
        client.close(4000, "bye");
        assert.deepEqual(await client.closed, [4000, "bye"]);
      }
      await server.counted("ClientsClosed", 2);
    });
  }

  test("the server pings, and a client that answers stays", async (t) => {
    const server = await run(t, file, "-ping", "50ms");
    const client = await dial(`${server.socket}/echo`);
    for (let i = 0; i < 5; i++) await once(client, "ping");
    client.send("still here");
    assert.equal(await client.next(), "still here");
    client.terminate();
    await server.counted("ClientsGone", 1);
  });

  test("a message that is too big", async (t) => {
    const server = await run(t, file, "-limit", "1000");
    const client = await dial(`${server.socket}/echo`);
    client.send("x".repeat(1001));
    assert.equal((await client.closed)[0], 1009);
  });

  test("a stop tells a thousand, and the process ends", async (t) => {
    const server = await run(t, file, "-deflate", "message");
    const clients = [];
    while (clients.length < 1000) { // not all at once: few may wait to be accepted
      clients.push(...await Promise.all(Array.from({ length: 100 }, () => dial(`${server.socket}/echo`))));
    }
    for (const client of clients) client.send("Hello");
    for (const client of clients) assert.equal(await client.next(), "Hello");
    assert.equal((await server.stats()).Open, 1000);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    for (const client of clients) assert.deepEqual(await client.closed, [1001, ""]);
    assert.doesNotMatch(server.log.join("\n"), /^\S+ \S+ (WARN|ERROR) /m);
  });

  test("a connection that breaks in the middle of a frame", async (t) => {
    const server = await run(t, file);
    const { hostname, port } = new URL(server.address);
    const raw = connect(port, hostname);
    raw.write("GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    await once(raw, "data");
    raw.write(Buffer.from([0x81, 0x85, 1, 2, 3, 4, 5])); // one of five bytes
    await server.counted("Open", 1);
    raw.resetAndDestroy();
    await server.counted("ClientsGone", 1);
  });

  test("a page of another origin, and one that may", async (t) => {
    const server = await run(t, file);
    const refused = new WebSocket(`${server.socket}/echo`, { origin: "https://evil.example" });
    const [, response] = await once(refused, "unexpected-response");
    assert.equal(response.statusCode, 403);
    response.destroy();
    (await dial(`${server.socket}/echo`, { origin: server.address })).terminate();
    await server.counted("ClientsGone", 1);
  });
});
