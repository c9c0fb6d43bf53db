/** A process for a test to kill: starts a child that starts another, and prints both pids. */
import { startChild } from '../../src/processes/child.js';

startChild('/bin/sh', ['-c', 'sleep 600 & echo "$$ $!"; wait'], { stdio: ['ignore', 'inherit', 'inherit'] });
