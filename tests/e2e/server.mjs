// Starts what is tested: the real program where WENYUAN_BIN names it, else the page's own mock, and says loudly which.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const mock = fileURLToPath(new URL("../../web/dev/mock-server.mjs", import.meta.url));
const START_LIMIT_MS = 180_000;

export const binary = process.env.WENYUAN_E2E_MOCK === "1" ? undefined : process.env.WENYUAN_BIN;

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function untilReady(url, child, output) {
  const limit = Date.now() + START_LIMIT_MS;
  while (Date.now() < limit) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${output.join("")}`);
    const ready = await fetch(`${url}/readyz`).then((response) => response.ok, () => false);
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`the server was not ready within ${START_LIMIT_MS / 1000} s:\n${output.join("")}`);
}

/** A server on a fresh data folder. `filled` gives the mock its sample data; the real one always starts empty. */
export async function startServer({ filled = false } = {}) {
  const port = await freePort();
  const data = await mkdtemp(join(tmpdir(), "wenyuan-e2e-"));
  const command =
    binary === undefined
      ? [process.execPath, mock, String(port), ...(filled ? [] : ["--empty"])]
      : [binary, "serve", "--data", data, "--listen", `127.0.0.1:${port}`];
  const which = binary === undefined ? "the MOCK server (no Wenyuan here!)" : `the REAL server, ${binary}`;
  process.stderr.write(`\n### end-to-end: running against ${which}\n\n`);
  const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  const output = [];
  for (const pipe of [child.stdout, child.stderr]) pipe.on("data", (piece) => output.push(String(piece)));
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.once("exit", resolve));
    }
    await rm(data, { recursive: true, force: true });
  };
  try {
    await untilReady(url, child, output);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}
