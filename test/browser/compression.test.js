// Each content coding in Chromium: the page of the example of
// plugins/compression/brotli, and its event stream through EventSource.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { launch } from "./browser.js";
import { start, timeout } from "./server.js";

const module = path.resolve(import.meta.dirname, "../../plugins/compression/brotli");

// binary returns the program that COMPRESSION names, or a fresh build.
function binary() {
  if (process.env.COMPRESSION) return path.resolve(process.env.COMPRESSION);
  const program = path.join(mkdtempSync(path.join(tmpdir(), "chitor-")), "compression");
  execFileSync("go", ["build", "-o", program, "./examples/compression"], { cwd: module, stdio: "inherit" });
  return program;
}

describe("content codings in Chromium", { timeout }, () => {
  let server, browser, plain;

  before(async () => {
    server = await start(binary());
    browser = await launch();
    const response = await fetch(server.address, { headers: { "Accept-Encoding": "identity" } });
    assert.equal(response.headers.get("Content-Encoding"), null);
    plain = await response.text();
  });

  after(async () => {
    await browser?.close();
    assert.deepEqual(await server?.stop(), { code: 0, signal: null });
  });

  // open loads the page with one coding accepted, or with those that Chromium
  // accepts by itself.
  async function open(coding) {
    const page = await browser.newPage();
    page.setDefaultTimeout(timeout / 2);
    if (coding) await page.setExtraHTTPHeaders({ "Accept-Encoding": coding });
    const response = await page.goto(server.address);
    assert.equal((await response.allHeaders())["content-encoding"], coding ?? "zstd");
    return page;
  }

  for (const coding of ["gzip", "deflate", "zstd", "br", undefined]) {
    test(coding ?? "what Chromium accepts", async () => {
      const page = await open(coding);
      assert.equal(await page.evaluate(async () => (await fetch("/")).text()), plain);

      const stream = page.waitForResponse((response) => response.url().endsWith("/prices"));
      const captions = await page.evaluate(() => new Promise((resolve) => {
        const seen = [];
        const source = new EventSource("/prices");
        source.onmessage = (event) => {
          seen.push(/<caption>(.*?)<\/caption>/.exec(event.data)[1]);
          if (seen.length < 3) return;
          source.close();
          resolve(seen);
        };
        source.onerror = () => resolve([...seen, "error"]);
      }));
      assert.deepEqual(captions, ["after 0 s", "after 1 s", "after 2 s"]);
      assert.equal((await (await stream).allHeaders())["content-encoding"], coding ?? "zstd");
      await page.close();
    });
  }
});
