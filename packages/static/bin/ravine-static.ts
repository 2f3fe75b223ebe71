#!/usr/bin/env node
import { collectstatic } from '../src/cli/collectstatic.ts';
import { findstatic } from '../src/cli/findstatic.ts';

const [name = '', ...args] = process.argv.slice(2);
const command = { collectstatic, findstatic }[name];
if (command === undefined) {
  process.stderr.write(
    `expected collectstatic or findstatic, got "${name}"; try: ravine-static collectstatic --help\n`,
  );
  process.exitCode = 2;
} else process.exitCode = await command(args);
