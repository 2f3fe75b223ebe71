#!/usr/bin/env node
import { control } from '../command/control-main.ts';

process.exitCode = await control(process.argv.slice(2));
