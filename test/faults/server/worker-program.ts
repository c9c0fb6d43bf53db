/** `penstock worker` from source: `worker-program.ts OPTIONS`. OPTIONS are the options of runWorker as JSON. */
import { runWorker, type WorkerOptions } from '../../../src/worker.js';

const [options = '{}'] = process.argv.slice(2);
const given = JSON.parse(options) as WorkerOptions;
await runWorker({ pollSeconds: 1, ...given, log: (line) => console.log(line) });
