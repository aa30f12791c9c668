// Starts a server of this repository as a process of its own and stops it with
// a signal, as an orchestrator does.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

// timeout is for all tests of a file, in case one hangs. None takes more than a
// minute.
export const timeout = 300_000;

const repository = path.resolve(import.meta.dirname, "../..");

// binary returns the program under test: the one that the environment variable
// names, or a fresh build of the package, which may be in a module of its own.
export function binary(variable, folder, module = ".") {
  if (process.env[variable]) return path.resolve(process.env[variable]);
  const program = path.join(mkdtempSync(path.join(tmpdir(), "chitor-")), path.basename(path.join(module, folder)));
  execFileSync("go", ["build", "-o", program, folder], { cwd: path.join(repository, module), stdio: "inherit" });
  return program;
}

// start runs the program, on a free port unless its arguments or its environment
// name one, and waits for the log line with its address.
export async function start(program, args = [], environment = {}) {
  const child = spawn(program, args, {
    env: { ...process.env, PORT: "0", LIBRARIES: path.join(import.meta.dirname, "node_modules"), ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  const log = [];
  const address = await new Promise((resolve, reject) => {
    child.on("error", reject);
    createInterface({ input: child.stderr })
      .on("line", (line) => {
        log.push(line);
        const said = /Responding at (http:\/\/[^\s"]+)/.exec(line);
        if (said) resolve(reachable(said[1]));
      })
      .on("close", () => reject(new Error(`the server ended without telling its address:\n${log.join("\n")}`)));
  });
  return {
    address,
    log,
    // stop asks the process to end and resolves to how it ended. A process that
    // does not end is killed, which the result shows.
    async stop() {
      child.kill("SIGTERM");
      const deadline = setTimeout(() => child.kill("SIGKILL"), 60_000);
      const end = await exited;
      clearTimeout(deadline);
      return end;
    },
  };
}

// reachable returns an address that a browser can call if the server listens on
// every address.
function reachable(address) {
  const url = new URL(address);
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = "127.0.0.1";
  return url.origin;
}
