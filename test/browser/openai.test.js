// OpenAI's client from npm, in front of examples/llm-proxy: it has to find the
// answer among the comments that keep the stream alive, and errors wherever they
// come.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import OpenAI from "openai";
import { binary, start, timeout } from "./server.js";

describe("openai", { timeout }, () => {
  let server;

  // The model thinks for longer than the client waits for the head of a stream, and
  // is silent for longer than a stream may be.
  before(async () => {
    const program = binary("LLM_PROXY", "./examples/llm-proxy");
    server = await start(program, ["-head-after", "100ms", "-heartbeat", "20ms", "-thinking", "400ms", "-pace", "50ms", "-per-minute", "1000"]);
  });

  after(async () => {
    const { code } = await server.stop();
    assert.equal(code, 0, server.log.join("\n"));
    assert.doesNotMatch(server.log.join("\n"), /sk-/, "no key stands in the log");
  });

  const client = (options) => new OpenAI({ baseURL: `${server.address}/v1`, apiKey: "sk-demo", maxRetries: 0, ...options });
  const question = (model) => ({
    model, stream: true, stream_options: { include_usage: true }, messages: [{ role: "user", content: "Why?" }],
  });

  // read returns the words of an answer, and the error that has ended it, if one has.
  async function read(model, options) {
    const words = [];
    let usage, finish;
    try {
      for await (const chunk of await client(options).chat.completions.create(question(model))) {
        usage = chunk.usage ?? usage;
        finish = chunk.choices[0]?.finish_reason ?? finish;
        if (chunk.choices[0]?.delta.content) words.push(chunk.choices[0].delta.content);
      }
    } catch (error) {
      return { words, error };
    }
    return { words, usage, finish };
  }

  test("words, with comments before and between them", async () => {
    const bodies = [];
    const watched = async (url, init) => {
      const response = await fetch(url, init);
      const [one, other] = response.body.tee();
      bodies.push(new Response(one).text());
      return new Response(other, response);
    };
    const { words, usage, finish, error } = await read("fake", { fetch: watched });
    assert.equal(error, undefined);
    assert.match(words.join(""), /^You have asked: “Why\?”[^]*and stop working\.$/);
    assert.equal(finish, "stop");
    assert.equal(usage.completion_tokens, words.length);
    const body = await bodies[0];
    assert.match(body, /^: /, "before the first word");
    assert.match(body, /\n\n(: .*\r?\n)+data: /, "between two words");
  });

  test("an answer that is no stream", async () => {
    const answer = await client().chat.completions.create({ ...question("fake"), stream: false, stream_options: undefined });
    assert.match(answer.choices[0].message.content, /^You have asked/);
  });

  test("an error before the head has its status", async () => {
    const { words, error } = await read("fake-busy");
    assert.ok(error instanceof OpenAI.RateLimitError, error);
    assert.equal(error.status, 429);
    assert.equal(error.headers.get("Retry-After"), "7");
    assert.equal(error.code, "rate_limit_exceeded");
    assert.deepEqual(words, []);
  });

  test("an error after the head is an error all the same", async () => {
    const { words, error } = await read("fake-late");
    assert.ok(error instanceof OpenAI.APIError, error);
    assert.equal(error.status, undefined);
    assert.equal(error.code, "rate_limit_exceeded");
    assert.deepEqual(words, []);
  });

  test("an error in the middle of the answer", async () => {
    const { words, error } = await read("fake-failing");
    assert.ok(error instanceof OpenAI.APIError, error);
    assert.equal(error.message, "the model has failed");
    assert.equal(words.length, 5);
  });

  test("an answer that breaks off", async () => {
    const { words, error } = await read("fake-broken");
    assert.ok(error, "a part of an answer is no answer");
    assert.equal(words.length, 5);
  });

  test("a wrong key", async () => {
    const { error } = await read("fake", { apiKey: "sk-another" });
    assert.ok(error instanceof OpenAI.AuthenticationError, error);
    assert.equal(error.code, "invalid_api_key");
  });

  test("a client that stops ends the work of the model", async () => {
    const stream = await client().chat.completions.create(question("fake"));
    for await (const chunk of stream) {
      if (chunk.choices[0].delta.content) break;
    }
    while (!server.log.some((line) => /has ended an answer: words=[1-9]\d* error=.*canceled/.test(line))) await delay(20);

    const controller = new AbortController();
    const thinking = client().chat.completions.create(question("fake"), { signal: controller.signal });
    await thinking; // the head has come, and no word
    controller.abort();
    while (!server.log.some((line) => /has ended an answer: words=0 error=.*canceled/.test(line))) await delay(20);
  });
});
