/** The real worker with the current workflow code, as a process that can be killed. */
import { runWorker } from '../../../src/worker.js';

const [taskQueue = '', bundlePath = ''] = process.argv.slice(2);

await runWorker({ pollSeconds: 1, taskQueue, bundlePath, log: (line) => console.log(line) });
