// The tests of clients share this: the server of test/clients/server, and what
// it reports about itself.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { binary, start } from "./server.js";

export { timeout } from "./server.js";

// startServer starts the server that the clients call.
export async function startServer() {
  const { stop, ...server } = await start(binary("CLIENTS_SERVER", "./test/clients/server"));
  server.stop = async () => assert.deepEqual(await stop(), { code: 0, signal: null }, server.log.join("\n"));
  server.stats = async () => (await fetch(`${server.address}/stats`)).json();
  // quiet waits until the server knows that the last client has gone.
  server.quiet = async () => {
    while ((await server.stats()).Open > 0) await delay(20);
  };
  return server;
}
