#!/usr/bin/env node
import { findstatic } from '../src/cli/findstatic.ts';

process.exitCode = await findstatic(process.argv.slice(2));
