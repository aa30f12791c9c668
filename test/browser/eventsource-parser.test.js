// The npm package eventsource-parser on the body of a fetch: it also reports
// comments and the reconnection time.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createParser } from "eventsource-parser";
import { startServer, timeout } from "./clients.js";

describe("npm's eventsource-parser", { timeout }, () => {
  let server;

  before(async () => { server = await startServer(); });
  after(() => server?.stop());

  // read returns everything in a stream, in order.
  async function read(path, options) {
    const response = await fetch(server.address + path, options);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const log = [];
    const parser = createParser({
      onEvent: (event) => {
        log.push(event);
        if (event.event === "cut") fetch(`${server.address}/cut`, { method: "POST" });
      },
      onComment: (comment) => log.push({ comment }),
      onRetry: (retry) => log.push({ retry }),
      onError: (error) => log.push({ error }),
    });
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) parser.feed(text);
    return log;
  }

  const event = (event, data, id) => ({ event, data, id });
  const farewell = event("close", "bye");

  test("every field", async () => {
    assert.deepEqual(await read("/named"), [
      event(undefined, "plain"),
      event("greeting", "hello", "1"),
      event(undefined, "first\nsecond\n\nlast\n", "2"),
      event("empty", "", "three & a half"),
      { comment: "nobody" }, { comment: "sees this" },
      { retry: 50 },
      event(undefined, "CR\nCRLF\nLF\nend"),
      { comment: "beside data" }, // reported when it is read, before its event
      event(undefined, '{"json":"<b> & co"}'),
      farewell,
    ]);
  });

  for (const path of ["/heartbeat", "/heartbeat/ktor"]) {
    test(`a comment for each beat: ${path}`, async () => {
      const log = await read(path);
      const beats = log.filter((entry) => entry.comment === "heartbeat");
      assert.ok(beats.length >= 3, `${beats.length} beats`);
      assert.deepEqual(log.filter((entry) => !beats.includes(entry)), [farewell]);
    });
  }

  test("a body that is posted", async () => {
    const words = ["Grüße", "", "two\nlines"];
    const log = await read("/words", { method: "POST", body: JSON.stringify({ words }) });
    assert.deepEqual(log, words.flatMap((word, i) => [{ retry: 50 }, event("word", word, String(i + 1))]));
  });

  test("a stream that was cut off is an error of the body", async () => {
    await assert.rejects(read("/broken"), TypeError);
  });
});
