#!/usr/bin/env node
import { processContext } from './support/context.js';
import { run } from './program.js';

// Should the event loop ever run dry before a command has ended, that is no success.
process.exitCode = 1;

// `penstock list | head -1`: a reader that has seen enough is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

void run(process.argv.slice(2), processContext()).then((code) => {
  process.exitCode = code;
});
