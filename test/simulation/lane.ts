/**
 * `npm run test:simulation`: the tests of this folder. With arguments it searches for faults instead:
 * `npm run test:simulation -- --seeds N [--from SEED]`.
 */
import { spawnSync } from 'node:child_process';

if (process.argv.length > 2) await import('./search/main.js');
else {
  const mocha = ['node_modules/mocha/bin/mocha.js', '--parallel', 'test/simulation/**/*.test.ts'];
  const { status } = spawnSync(process.execPath, mocha, { stdio: 'inherit' });
  process.exit(status ?? 1);
}
