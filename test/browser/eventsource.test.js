// EventSource: Chromium's own, and the npm packages for Node. The streams and
// the expectations are the same.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as npm from "eventsource";
import * as undici from "undici";
import { launch } from "./browser.js";
import { startServer, timeout } from "./clients.js";
import { listen } from "./eventsource.js";

// A client is opened once for all its tests. With ownIds it reports the id of
// the event itself, where the standard asks for the last id of any event.
const clients = {
  "Chromium's EventSource": {
    async open(address) {
      const browser = await launch();
      const page = await browser.newPage();
      page.setDefaultTimeout(timeout / 2);
      await page.goto(address);
      return { listen: (what) => page.evaluate(listen, what), close: () => browser.close() };
    },
  },
  "npm's eventsource": {
    ownIds: true,
    open: () => ({ listen: (what) => listen({ ...what, EventSource: npm.EventSource }) }),
  },
  "undici's EventSource": {
    open: () => ({ listen: (what) => listen({ ...what, EventSource: undici.EventSource }) }),
  },
};

const farewell = { type: "close", data: "bye", id: "" };

for (const [name, { open, ownIds = false }] of Object.entries(clients)) {
  describe(name, { timeout }, () => {
    let server, client;

    before(async () => {
      server = await startServer();
      client = await open(server.address);
    });

    after(async () => {
      await client?.close?.();
      await server?.stop();
    });

    // listens reads a stream until the farewell event.
    const listens = (path, types = [], closeOn = "close") =>
      client.listen({ url: server.address + path, types: [...types, "close", "cut"], closeOn, cut: `${server.address}/cut` });

    // inherits returns the event with the id of an earlier one.
    const inherits = (event, id) => ({ ...event, id: ownIds ? "" : id });

    test("it is open before the first event", async () => {
      assert.deepEqual(await listens("/mute", [], "open"), { log: ["open"], state: 2 });
    });

    test("named events, ids, many lines", async () => {
      const { log } = await listens("/named", ["greeting", "empty"]);
      const last = "three & a half";
      assert.deepEqual(log, [
        "open",
        { type: "message", data: "plain", id: "" },
        { type: "greeting", data: "hello", id: "1" },
        { type: "message", data: "first\nsecond\n\nlast\n", id: "2" },
        { type: "empty", data: "", id: last },
        inherits({ type: "message", data: "CR\nCRLF\nLF\nend" }, last),
        inherits({ type: "message", data: '{"json":"<b> & co"}' }, last),
        inherits(farewell, last),
      ]);
    });

    test("text of all kinds", async () => {
      const { log } = await listens("/unicode", ["größe"]);
      assert.deepEqual(log, [
        "open",
        { type: "message", data: "Grüße, 世界 🙂", id: "ascii" },
        inherits({ type: "größe", data: "a type beyond ASCII" }, "ascii"),
        inherits({ type: "message", data: "\ufeffnot at the start, so no byte order mark" }, "ascii"),
        inherits({ type: "message", data: "line\u2028separator, next\u0085line" }, "ascii"),
        inherits({ type: "message", data: "  two spaces, a\ttab, a trailing space " }, "ascii"),
        inherits({ type: "message", data: "ill-formed: \ufffd" }, "ascii"),
        inherits(farewell, "ascii"),
      ]);
    });

    test("a megabyte in one event", async () => {
      const { log } = await listens("/big", ["line", "lines"]);
      assert.deepEqual(log.map((entry) => entry.type ?? entry), ["open", "line", "lines", "close"]);
      assert.ok(log[1].data === "0123456789abcdef".repeat(64 << 10), "one line");
      assert.ok(log[2].data === "0123456789abcde\n".repeat(4 << 10), "many lines");
    });

    for (const [path, how, cut] of [["/resume", "has ended"], ["/broken", "was cut off", { type: "cut", data: "" }]]) {
      test(`a stream that ${how} is resumed by Last-Event-ID`, async () => {
        const { log } = await listens(path);
        const steps = (from, after) =>
          [from, from + 1, from + 2].map((n) => ({ type: "message", data: JSON.stringify({ n, after }), id: String(n) }));
        const end = (id) => (cut ? [inherits(cut, id), "reconnecting"] : ["reconnecting"]);
        assert.deepEqual(log, [
          "open", ...steps(1, ""), ...end("3"),
          "open", ...steps(4, "3"), ...end("6"),
          "open", ...steps(7, "6"), inherits(farewell, "9"),
        ]);
      });
    }

    test("204 ends it for good", async () => {
      const { Opened } = await server.stats();
      const { log, state } = await listens("/once-204");
      assert.deepEqual(log, ["open", { type: "message", data: "once", id: "1" }, "reconnecting", "closed"]);
      assert.equal(state, 2);
      assert.equal((await server.stats()).Opened, Opened + 1);
    });

    test("so does a status of failure", async () => {
      assert.deepEqual(await listens("/unauthorized"), { log: ["closed"], state: 2 });
    });

    test("closing on a named event ends the session", async () => {
      await server.quiet();
      const { ClientsGone } = await server.stats();
      const { log, state } = await listens("/close");
      assert.deepEqual(log, ["open", { type: "message", data: "still here", id: "" }, farewell]);
      assert.equal(state, 2);
      await server.quiet();
      assert.equal((await server.stats()).ClientsGone, ClientsGone + 1);
    });

    for (const path of ["/heartbeat", "/heartbeat/ktor"]) {
      test(`nothing is heard of a heartbeat: ${path}`, async () => {
        assert.deepEqual((await listens(path)).log, ["open", farewell]);
      });
    }
  });
}
