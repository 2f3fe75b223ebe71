#!/usr/bin/env node
import { collectstatic } from '../src/cli/collectstatic.ts';

process.exitCode = await collectstatic(process.argv.slice(2));
