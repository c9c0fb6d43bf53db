/**
 * Measures the simulation next to the time-skipping test server, with the same workflow code: `npm run bench:simulation`.
 * Compare only figures of the same run. docs/benchmarks.md has results.
 */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { openSandbox } from '../../test/simulation/search/search.js';
import { describeMachine, printFigures } from '../table.js';
import { measurePolls } from './polls.js';
import { measureRehearsals } from './rehearsals.js';
import { measureSeeds } from './seeds.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const sandbox = await openSandbox();
console.log(`${new Date().toISOString().slice(0, 10)}, ${describeMachine()}`);
printFigures([
  ...(await measurePolls(sandbox)),
  ...(await measureRehearsals(sandbox)),
  ...(await measureSeeds(sandbox)),
]);
process.exit(0);
