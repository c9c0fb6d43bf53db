/**
 * Measures the emulator: `npm run bench:emulator`. Compare only figures of the same run. docs/benchmarks.md has
 * results.
 */
import { fileURLToPath } from 'node:url';
import { runTool } from '../src/servers/run-tool.js';
import { measureInvocations } from './invocations.js';
import { describeMachine, printFigures, type Figure } from './table.js';
import { measureThirtyDays } from './thirty-days.js';

console.log(`${new Date().toISOString().slice(0, 10)}, ${describeMachine()}`);
printFigures([
  ...(await measureThirtyDays()),
  ...(await measureManyEndpoints()),
  ...(await measureInvocations()),
]);

async function measureManyEndpoints(): Promise<Figure[]> {
  const script = fileURLToPath(new URL('many-endpoints.ts', import.meta.url));
  const text = await runTool(process.execPath, ['--import', 'tsx', script]);
  const found = JSON.parse(text) as Record<string, { megabytes: number; seconds: number }>;
  const after: Record<string, string> = {
    created: 'just created',
    day: 'after a day of traffic',
    fifteenDays: 'after 15 days of traffic, all by the minute',
  };
  return Object.entries(found).map(([key, { megabytes, seconds }]) => ({
    what: `1,000 endpoints of 2 variants, ${after[key]}: resident memory`,
    measured: `${megabytes.toFixed(0)} MB (simulated in ${seconds.toFixed(1)} s)`,
    aim: '<= 2,048 MB',
  }));
}
