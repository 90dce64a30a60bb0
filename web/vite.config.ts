import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env["WENYUAN_SERVER"] ?? "http://127.0.0.1:8080";
const proxied = ["/api", "/readyz", "/healthz", "/v1"];

export default defineConfig({
  plugins: [react()],
  build: {
    // The server sends `default-src 'self'`: nothing may be inlined into the page or into data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    // One file, read from the same machine: nothing is gained by cutting it up.
    chunkSizeWarningLimit: 1000,
    cssTarget: ["chrome123", "safari17.5", "firefox120"],
  },
  server: { proxy: Object.fromEntries(proxied.map((path) => [path, server])) },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], setupFiles: ["src/test-setup.ts"] },
});
