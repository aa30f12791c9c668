// Gets the script of Datastar, which is not on npm since version 1.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

// downloadScript downloads the package that datastar.txt names, and returns where
// the script is. The folder around it is the caller's to remove.
export function downloadScript() {
  const folder = mkdtempSync(path.join(tmpdir(), "chitor-datastar-"));
  const python = (...args) => execFileSync("python3", args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  python("-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:",
    "--python-version", "3.12", "--dest", ".", "--requirement", path.join(import.meta.dirname, "datastar.txt"));
  python("-m", "zipfile", "-e", readdirSync(folder).find((name) => name.endsWith(".whl")), ".");
  const script = path.join(folder, "starhtml", "static", "js", "datastar-core.js");
  assert.match(readFileSync(script, "utf8"), /^\/\/ Datastar v1\.0\.1 /);
  return { path: script, remove: () => rmSync(folder, { recursive: true }) };
}
