// gitlab-ci-local writes the file variables of every job that it reads to /tmp, whatever TMPDIR says, and removes those
// of the jobs that it runs only. Whatever this process made there goes with it; what others made is theirs.
"use strict";
const fs = require("node:fs");
const made = new Set();
const make = fs.mkdirSync;
fs.mkdirSync = (path, ...rest) => {
  const first = make(path, ...rest);
  if (/^\/tmp\/gitlab-ci-local-file-variables-[^/]+$/.test(String(path))) made.add(String(path));
  return first;
};
process.on("exit", () => made.forEach((path) => fs.rmSync(path, { recursive: true, force: true })));
