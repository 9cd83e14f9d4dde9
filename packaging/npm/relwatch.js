#!/usr/bin/env node
// Runs the binary of this platform, which npm installed as an optional dependency.
"use strict";

const { spawn } = require("node:child_process");
const { optionalDependencies } = require("./package.json");

const platform = `${process.platform}-${process.arch}`;
const name = `@relwatch/${platform}`;

function binary() {
  try {
    return require.resolve(`${name}/relwatch${process.platform === "win32" ? ".exe" : ""}`);
  } catch {
    const why = name in optionalDependencies
      ? `the package ${name} is not installed; run \`npm install --include=optional relwatch\``
      : `there is no binary for ${platform}; build one with \`cargo install relwatch\``;
    console.error(`relwatch: ${why}`);
    process.exit(1);
  }
}

const child = spawn(binary(), process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  // A terminal sends Ctrl-C to the binary as well.
  process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY) || child.kill(signal));
}
child.on("error", (error) => {
  console.error(`relwatch: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
